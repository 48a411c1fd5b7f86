"""Pictures of the answers to new examples: what each image was taken for, or became."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.answering import Trained, answer
from gradtutor.train.report.figure import write_image
from gradtutor.train.report.pictures import (
    MOST_IMAGES,
    SIDES,
    write_reconstructions,
    write_sheet,
)
from gradtutor.train.run_folder import network_of

SHOWN_PAIRS = 12
#: An image of its own is written for at most so many answers.
MOST_FILES = 1000
COLOURS = (1, 3)  # channels of what is drawn


def images_of(rows: np.ndarray, example: Sequence[int]) -> np.ndarray | None:
    """Return rows as images; None where the examples are none.

    Parameters
    ----------
    rows : ndarray, (N, features)
        Or in the example's own shape.
    example : sequence of int
        (channels, height, width), or how many pixels a square image has.

    Returns
    -------
    ndarray, (N, height, width) or (N, height, width, 3)
        Colours from 0 to 1.
    """
    shape = tuple(example)
    if len(shape) == 1 and shape[0] in SIDES:
        shape = (1, SIDES[shape[0]], SIDES[shape[0]])
    if len(shape) != 3 or shape[0] not in COLOURS or math.prod(shape) != rows[0].size:
        return None
    images = np.moveaxis(rows.reshape(len(rows), *shape), 1, -1)
    return images[..., 0] if shape[0] == 1 else _from_0_to_1(images)


def _from_0_to_1(images: np.ndarray) -> np.ndarray:
    low, high = float(images.min()), float(images.max())
    if low >= 0 and high <= 1:
        return images
    return np.asarray((images - low) / ((high - low) or 1))


def answers_with_pictures(
    folder: Path, trained: Trained, data: Path
) -> tuple[list[list[str]], list[Path]]:
    """Answer new examples, and draw the answers into a folder where they are images.

    Returns
    -------
    tuple
        The table as ``answer`` returns it; the pictures, the one of all first.
    """
    with tempfile.TemporaryDirectory(prefix="gradtutor-") as place:
        arrays = Path(place) / "answers.npz"
        table = answer(trained, data, arrays)
        with np.load(arrays, allow_pickle=False) as file:
            X, made = file["X"], file["prediction"]
    folder.mkdir(parents=True, exist_ok=True)
    sizes = network_of(trained.script.parent).nodes["X"]["shape"]
    example = [size for size in sizes if size != "N"]
    images = images_of(X, example) if len(X) else None
    if images is None:
        return table, []
    answers = images_of(made, example) if made.size == X.size else None
    if answers is not None:
        return table, _image_answers(folder, images, answers)
    return table, [_contact_sheet(folder, images, table)]


def _contact_sheet(
    folder: Path, images: np.ndarray, table: Sequence[Sequence[str]]
) -> Path:
    """Draw the images with their answers."""
    header, *rows = table
    captions = [_caption(header, row) for row in rows[:MOST_IMAGES]]

    def words() -> tuple[str, list[str]]:
        return _title(len(captions), len(images)), captions

    write_sheet(images[:MOST_IMAGES], words, folder / "answers.png")
    return folder / "answers.png"


def _title(count: int, whole: int) -> str:
    return tr("{count} of {whole} answers", count=count, whole=whole)


def _caption(header: Sequence[str], row: Sequence[str]) -> str:
    """Return the answer, and its probability where there is one."""
    answer = row[0]
    at = f"p({answer})"
    sure = f"  {float(row[header.index(at)]):.2f}" if at in header else ""
    return f"{answer}{sure}"


def _image_answers(folder: Path, images: np.ndarray, answers: np.ndarray) -> list[Path]:
    """Write each answer as an image, and the first ones below their examples."""
    digits = len(str(len(answers)))
    paths = [folder / f"answer-{n:0{digits}}.png"
             for n in range(1, min(len(answers), MOST_FILES) + 1)]  # fmt: skip
    shades = float(images.min()), float(images.max())
    for path, image in zip(paths, answers, strict=False):
        write_image(image, path, shades)
    sheet = folder / "answers.png"
    count = min(len(images), SHOWN_PAIRS)
    title = _title(count, len(images))
    write_reconstructions(images[:count], answers[:count], sheet, title)
    return [sheet, *paths]
