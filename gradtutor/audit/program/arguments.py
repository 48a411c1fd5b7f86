"""The arguments of an audited function: shapes, labels, values; points drawn from them.

>>> read_shapes("x=3x4, b=2, s=(), y=3:0..2")["x"]
Argument(shape=(3, 4), labels=None, value=None, kind='real')
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.errors import TutorError
from gradtutor.messages import tr

#: What an argument is given: its shape (``(3, 4)``, ``"3x4"``), whole numbers that are
#: labels (``"4:0..2"``), or the value itself as an array.
Given = str | Sequence[int] | NDArray[np.generic]

POOL = 4096  # numbers that an upstream gradient of any shape is cut from
MOST_NUMBERS = 100_000  # in one argument
SPREAD = (1.0, 2.5)  # of the arguments, of the upstream gradient


#: Kinds of numbers that stand for a class: 0 or 1, a 1 in each row, in each column.
TARGETS = {"binary", "onehot", "onehot0"}


class ShapeTextError(TutorError):
    """A shape that cannot be read."""


@dataclass(frozen=True)
class Argument:
    """One argument: random numbers of a shape, random labels, or a fixed value.

    Attributes
    ----------
    kind : str
        ``real``, ``prob`` (between 0 and 1), or a target: ``binary``, ``onehot`` (a 1
        in each row), ``onehot0`` (in each column).
    """

    shape: tuple[int, ...] = ()
    labels: tuple[int, int] | None = None
    value: NDArray[Any] | None = None
    kind: str = "real"

    @property
    def differentiable(self) -> bool:
        """Whether it has a gradient: labels, targets and truth values have none."""
        truth = self.value is not None and self.value.dtype.kind == "b"
        return self.labels is None and not truth and self.kind not in TARGETS

    def to_json(self) -> dict[str, Any]:
        """Return what the child process draws it from."""
        return {"shape": self.shape, "labels": self.labels, "kind": self.kind}


def read_argument(name: str, given: Given) -> Argument:
    """Read what one argument is given.

    Raises
    ------
    ShapeTextError
        Naming the argument and the forms that can be read.
    """
    if isinstance(given, np.ndarray | np.generic):
        value = np.asarray(given)
        return Argument(value.shape, None, value)
    if not isinstance(given, str):
        return _checked(name, tuple(given), None)
    match = re.fullmatch(
        r"\s*(\(\)|\d+(?:[x×,* ]+\d+)*)?\s*(?::\s*(-?\d+)\.\.(-?\d+))?\s*", given
    )
    if match is None or not given.strip():
        raise ShapeTextError(
            tr(
                "{name}={given}: a shape is written 3x4, or () for a "
                "single number; labels 0, 1, 2 as 5:0..2",
                name=name,
                given=given,
            )
        )
    shape = tuple(int(size) for size in re.findall(r"\d+", match[1] or ""))
    labels = (int(match[2]), int(match[3])) if match[2] else None
    return _checked(name, shape, labels)


def _checked(
    name: str, shape: tuple[Any, ...], labels: tuple[int, int] | None
) -> Argument:
    if not all(isinstance(size, int) and size > 0 for size in shape):
        raise ShapeTextError(
            tr(
                "{name}: {shape} is no shape; sizes are whole numbers from 1",
                name=name,
                shape=shape,
            )
        )
    if np.prod(shape, dtype=float) > MOST_NUMBERS:
        raise ShapeTextError(
            tr(
                "{name}: {shape} is more than {most:,} numbers",
                name=name,
                shape=shape,
                most=MOST_NUMBERS,
            )
        )
    if labels and labels[0] >= labels[1]:
        raise ShapeTextError(
            tr(
                "{name}: labels {first}..{last} are no range",
                name=name,
                first=labels[0],
                last=labels[1],
            )
        )
    return Argument(shape, labels)


def read_shapes(text: str) -> dict[str, Argument]:
    """Read ``x=3x4, W=4x2, y=3:0..2``.

    Raises
    ------
    ShapeTextError
        At a part that is no ``name=shape``.
    """
    found = {}
    for part in re.split(r"[,;](?=\s*[^\W\d]\w*\s*=)", text):
        name, equals, shape = part.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ShapeTextError(
                tr("{part!r} is no shape; write x=3x4,W=4x2", part=part.strip())
            )
        found[name.strip()] = read_argument(name.strip(), shape.strip(" ,;"))
    return found


#: What numbers are drawn from, by the point: some functions want positive ones, some
#: probabilities, some small ones.
DOMAINS: tuple[Callable[[np.random.Generator, tuple[int, ...]], Any], ...] = (
    lambda rng, shape: rng.normal(0, SPREAD[0], shape),
    lambda rng, shape: rng.uniform(0.2, 2.5, shape),
    lambda rng, shape: rng.uniform(0.05, 0.95, shape),
    lambda rng, shape: rng.normal(0, 0.1 * SPREAD[0], shape),
    lambda rng, shape: rng.uniform(1.2, 4.0, shape),
)


def points(
    arguments: Mapping[str, Argument], count: int, seed: int
) -> dict[str, NDArray[Any]]:
    """Draw points: arrays named ``0.x``, ``0.upstream``, ``1.x``, ...

    The first half has numbers of both signs; then come positive ones, for logarithms
    and roots, numbers between 0 and 1, small ones, numbers above 1.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        domain = 1 + (number - count // 2) % 4 if number >= count // 2 else 0
        for name, argument in arguments.items():
            arrays[f"{number}.{name}"] = drawn(rng, argument, domain)
        arrays[f"{number}.upstream"] = rng.normal(0, SPREAD[1], POOL)
    return arrays


def drawn(
    rng: np.random.Generator, argument: Argument, domain: int = 0
) -> NDArray[Any]:
    """Draw one argument; domain is a place in ``DOMAINS``."""
    if argument.value is not None:
        return argument.value
    if argument.labels:
        return _labels(rng, argument.shape, argument.labels)
    if argument.kind in TARGETS:
        return _targets(rng, argument.shape, argument.kind)
    if argument.kind == "prob":
        domain = 2
    return np.asarray(DOMAINS[domain](rng, argument.shape))


def _targets(
    rng: np.random.Generator, shape: tuple[int, ...], kind: str
) -> NDArray[Any]:
    """Draw 0 or 1; or a single 1 in each row or column."""
    if kind == "binary" or not shape:
        return np.asarray(rng.integers(0, 2, shape), dtype=np.float64)
    axis = -1 if kind == "onehot" else 0
    hot = rng.integers(0, shape[axis], np.delete(shape, axis))
    place = np.arange(shape[axis]).reshape(-1, *[1] * (len(shape) - 1))
    made = (place == hot[None]).astype(np.float64)
    return np.asarray(np.moveaxis(made, 0, axis))


def _labels(
    rng: np.random.Generator, shape: tuple[int, ...], labels: tuple[int, int]
) -> NDArray[Any]:
    """Draw labels; all classes occur where there is room, else one of them twice.

    Twice where there are fewer labels than classes; half of the time where there are as
    many, or two: rows that are picked twice get two gradients.
    """
    low, high = labels
    count, classes = int(np.prod(shape)), high + 1 - low
    every = np.resize(rng.permutation(np.arange(low, high + 1)), count)
    if 2 < count < classes or (1 < count <= classes and rng.random() < 0.5):
        every[-1] = every[0]
    return np.asarray(rng.permutation(every).reshape(shape))


def squared(arguments: Mapping[str, Argument]) -> dict[str, Argument] | None:
    """Make every size larger than 1 the same, so that no product fails by its shapes.

    Returns
    -------
    dict or None
        None where a value is fixed, or nothing would change.
    """
    sizes = {size for a in arguments.values() for size in a.shape if size > 1}
    if len(sizes) < 2 or any(a.value is not None for a in arguments.values()):
        return None
    side = max(3, *(a.labels[1] + 1 for a in arguments.values() if a.labels), 0)
    return {
        name: Argument(
            tuple(side if size > 1 else 1 for size in a.shape), a.labels, kind=a.kind
        )
        for name, a in arguments.items()
    }


#: Sizes that do for the same code: of images, and of all else; gates stay in fours.
OF_IMAGES = {2: 1, 3: 2, 4: 3, 5: 3, 6: 4}
OF_OTHERS = {2: 2, 3: 2, 4: 2, 5: 3, 6: 2, 8: 8, 12: 8, 16: 8}


def shrunk(arguments: Mapping[str, Argument]) -> dict[str, Argument] | None:
    """Make sizes smaller, the same ones alike; None where nothing would change."""
    if any(a.value is not None for a in arguments.values()):
        return None
    images = any(len(a.shape) > 3 for a in arguments.values())
    sizes = OF_IMAGES if images else OF_OTHERS
    found = {name: _shrunk(a, sizes) for name, a in arguments.items()}
    return found if found != dict(arguments) else None


def _shrunk(argument: Argument, sizes: Mapping[int, int]) -> Argument:
    shape = tuple(sizes.get(size, size) for size in argument.shape)
    labels = argument.labels
    if labels:
        top = labels[1] + 1
        labels = (labels[0], max(labels[0], sizes.get(top, top) - 1))
    return Argument(shape, labels, kind=argument.kind)
