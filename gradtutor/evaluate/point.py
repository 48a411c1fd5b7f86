"""Values for inputs: texts of values, files of arrays, or random ones.

>>> read_points(["x=-2, y=5", "z=1/3"])["z"]
array(0.33333333)
"""

from __future__ import annotations

import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.errors import TutorError
from gradtutor.evaluate.archive import ArchiveError, array_heads
from gradtutor.evaluate.point_text import read_point
from gradtutor.evaluate.values import Array
from gradtutor.graph import Graph, inputs, is_class_label
from gradtutor.language.errors import near
from gradtutor.messages import tr

#: Of all values together; a circuit with more is not for people.
MAX_BYTES = 2**30


class PointError(TutorError):
    """Values that cannot be used: an unreadable file, an input that does not exist."""


def read_points(texts: Iterable[str]) -> dict[str, Array]:
    """Read several ``--at`` texts, each pairs ``name=value`` or an .npz file's path.

    Raises
    ------
    PointError
        When a file cannot be read.
    gradtutor.language.SourceError
        With the place of the mistake in a text.
    """
    point: dict[str, Array] = {}
    for text in texts:
        is_file = text.endswith(".npz") and "=" not in text
        point |= read_file(Path(text)) if is_file else read_point(text)
    return point


def read_file(path: Path) -> dict[str, Array]:
    """Read the arrays of an .npz file, all of numbers.

    Raises
    ------
    PointError
        When there is none, or it holds something else.
    """
    try:
        for name, head in array_heads(path, MAX_BYTES).items():
            if head.dtype.kind not in "biuf":
                message = tr(
                    "{path}: {name} is of type {dtype}, not of numbers",
                    path=path,
                    name=name,
                    dtype=head.dtype,
                )
                raise PointError(message)
        with np.load(path, allow_pickle=False) as arrays:
            return {
                unicodedata.normalize("NFKC", name): arrays[name].astype(np.float64)
                for name in arrays  # names as Python, and so the parser, reads them
            }
    except FileNotFoundError:
        raise PointError(tr("there is no file {path}", path=path)) from None
    except (ArchiveError, zipfile.BadZipFile, zlib.error) as error:
        raise PointError(str(error)) from None


def check_names(graph: Graph, point: Mapping[str, ArrayLike]) -> None:
    """Refuse values for inputs that the graph does not have.

    Raises
    ------
    PointError
        Naming the input, and the one probably meant.
    """
    names = inputs(graph)
    for name in point:
        if name not in names:
            hint = near(name, names) or tr(
                "the inputs are {names}", names=", ".join(names) or tr("none")
            )
            raise PointError(
                tr("there is no input {name!r}: {hint}", name=name, hint=hint)
            )


def check_wrt(graph: Graph, names: Iterable[str]) -> None:
    """Refuse to differentiate by what the graph does not have, and by class labels.

    Raises
    ------
    PointError
        Naming the input.
    """
    names = list(names)
    check_names(graph, dict.fromkeys(names, 0.0))
    for name in names:
        if is_class_label(graph, name):
            raise PointError(
                tr("{name} holds class labels: there is no derivative by it", name=name)
            )


def random_point(graph: Graph, seed: int) -> dict[str, Array]:
    """Draw a value for every input; N and other named sizes become small numbers.

    Half of all seeds draw normal numbers, a quarter positive ones and a quarter
    probabilities, so that formulas with logarithms, roots and arcsines find points of
    their domain too.
    """
    rng = np.random.default_rng(seed)
    sizes: dict[object, int] = {}
    point = {}
    for name in inputs(graph):
        data = graph.nodes[name]
        if data["role"] == "constant" and data.get("value") is not None:
            point[name] = np.asarray(data["value"], dtype=np.float64)
            continue
        shape = []
        for size in graph.nodes[name]["shape"] or ():
            fresh = (
                sizes.setdefault(size, 3 + len(sizes))
                if isinstance(size, str)
                else size
            )
            shape.append(fresh)
        point[name] = _draw(rng, graph.nodes[name]["role"], shape, seed)
    return point


def _draw(rng: np.random.Generator, role: str, shape: list[int], seed: int) -> Array:
    """Draw one input; weights are as small as in training, labels are class 0."""
    if role == "label":
        return np.zeros(shape)
    if role in ("parameter", "frozen"):
        fan_in = shape[0] if shape else 1
        return np.asarray(rng.normal(0, 1 / np.sqrt(max(fan_in, 1)), shape))
    if seed % 2 == 0:
        return np.asarray(rng.normal(0, 1.2, shape))
    low, high = (0.2, 2.5) if seed % 4 == 1 else (0.05, 0.95)
    return np.asarray(rng.uniform(low, high, shape))
