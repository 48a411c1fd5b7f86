"""What a trained classifier does, as pictures: guesses, confusion, boundaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.report.figure import GREY, ORANGE, write_figure

MOST_IMAGES = 100
SIDES = {784: 28, 400: 20, 64: 8}  # rows of so many pixels are square images


def write_predictions(
    images: np.ndarray,
    labels: np.ndarray,
    guesses: np.ndarray,
    path: Path,
    title: str = "",
) -> None:
    """Draw images in a grid with their labels and guesses; ✗ marks a wrong guess.

    Parameters
    ----------
    images : ndarray, (n, height, width)
        At most 100; the smallest value is drawn white, the largest black.
    labels, guesses : ndarray, (n,)
        Whole numbers.
    path : Path
        A .png or .svg file.
    title : str, optional
        By default how many of these images are right.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    ValueError
        When there are no images or too many, or the path has another ending.
    """
    if not 1 <= len(images) <= MOST_IMAGES:
        raise ValueError(
            tr(
                "{count} images: a picture shows 1 to {most_images}",
                count=len(images),
                most_images=MOST_IMAGES,
            )
        )
    right = np.asarray(labels) == np.asarray(guesses)

    def words() -> tuple[str, list[str]]:
        captions = [
            ("" if ok else "✗ ")
            + tr("label {label}, guess {guess}", label=label, guess=guess)
            for label, guess, ok in zip(labels, guesses, right, strict=True)
        ]
        some = tr("{right} of {count} right", right=int(right.sum()), count=len(images))
        return title or some, captions

    write_sheet(images, words, path, marked=~right)


def write_sheet(
    images: np.ndarray,
    words: Callable[[], tuple[str, Sequence[str]]],
    path: Path,
    marked: Sequence[bool] | np.ndarray | None = None,
    shades: dict[str, Any] | None = None,
) -> None:
    """Draw images in a grid, each with words above it.

    Parameters
    ----------
    images : ndarray, (n, height, width) or (n, height, width, 3)
        Grey ones are drawn from white, the smallest value, to black.
    words : callable
        Returns the title and what stands above each image, in the language that is
        spoken as it is called: that which the picture has letters for.
    marked : sequence of bool, optional
        Which words stand out.
    shades : dict, optional
        How matplotlib colours the numbers; by default greys.
    """
    columns = int(np.ceil(np.sqrt(len(images))))
    rows = int(np.ceil(len(images) / columns))
    out = marked if marked is not None else [False] * len(images)

    def draw(figure: Any) -> None:
        figure.get_layout_engine().set(h_pad=0.08)
        title, captions = words()
        figure.suptitle(title)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for axes, image, above, bold in zip(grid, images, captions, out, strict=False):
            axes.imshow(
                image, interpolation="nearest", **(shades or {"cmap": "gray_r"})
            )
            colour, weight = (ORANGE, "bold") if bold else ("black", "normal")
            axes.set_title(above, fontsize=11, color=colour, fontweight=weight)

    write_figure(path, (max(1.75 * columns, 3), 1.85 * rows + 0.5), draw)


def write_weights_sheet(weights: np.ndarray, side: int, path: Path) -> None:
    """Draw each neuron's weights of the pixels: violet for ink, orange against it.

    Parameters
    ----------
    weights : ndarray, (side*side, neurons)
    """
    shown = weights.T[:MOST_IMAGES].reshape(-1, side, side)
    largest = float(np.abs(shown).max()) or 1.0

    def words() -> tuple[str, list[str]]:
        return tr("weights of the first layer"), [str(k) for k in range(len(shown))]

    shades = {"cmap": "PuOr", "vmin": -largest, "vmax": largest}
    write_sheet(shown, words, path, shades=shades)


def write_reconstructions(
    images: np.ndarray, answers: np.ndarray, path: Path, title: str
) -> None:
    """Draw images in one row, and what the network makes of each below it.

    Parameters
    ----------
    images, answers : ndarray, (n, height, width)
        A pair for each column; both are drawn in the same shades.
    path : Path
        A .png or .svg file.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """

    def draw(figure: Any) -> None:
        figure.suptitle(title)
        grid = figure.subplots(2, len(images), squeeze=False)
        shades = {"vmin": float(images.min()), "vmax": float(images.max())}
        for axes, image in zip(grid.ravel(), [*images, *answers], strict=True):
            axes.set_xticks([])
            axes.set_yticks([])
            axes.imshow(image, cmap="gray_r", interpolation="nearest", **shades)
        for axes, word in zip(grid[:, 0], (tr("input"), tr("answer")), strict=True):
            axes.set_ylabel(word)

    write_figure(path, (1.0 * len(images) + 0.5, 2.9), draw)


def write_confusion(
    labels: np.ndarray, guesses: np.ndarray, classes: int | Sequence[str], path: Path
) -> None:
    """Draw how often each label got each guess; accuracy is in the title.

    Parameters
    ----------
    labels, guesses : ndarray, (n,)
        Classes 0, 1, 2, ... as whole numbers.
    classes : int or sequence of str
        How many classes there are, or their names.
    path : Path
        A .png or .svg file.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    names = [str(k) for k in range(classes)] if isinstance(classes, int) else classes
    counts = np.zeros((len(names), len(names)), dtype=np.int64)  # (label, guess)
    np.add.at(counts, (labels, guesses), 1)
    margin = 0.09 * max(map(len, names))  # inches
    side = max(0.62 * len(names) + 1.6, 3.6) + margin
    write_figure(path, (side, side), lambda figure: _matrix(figure, counts, names))


def _matrix(figure: Any, counts: np.ndarray, names: Sequence[str]) -> None:
    axes = figure.subplots()
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)  # by label
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if share[row, column] > 0.5 else "black" if count else GREY
        weight = "bold" if row == column else "normal"
        style: dict[str, Any] = {"ha": "center", "va": "center", "fontweight": weight}
        axes.text(column, row, str(count), color=colour, **style)
    right, total = int(np.trace(counts)), int(counts.sum())
    text = tr(
        "accuracy {share:.4f} ({right:,} of {total:,})",
        share=right / max(total, 1),
        right=right,
        total=total,
    )
    figure.suptitle(text, fontsize=13)
    turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    long = max(map(len, names)) > 4
    axes.set_xticks(range(len(names)), names, **(turned if long else {}))
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(tr("guess"))
    axes.set_ylabel(tr("label"))
