"""Under what condition on its inputs a wrong line would be right.

``dL/dz = s - y`` of a cross-entropy needs that ``y`` sums to 1; ``2 A x`` as the
gradient of ``x.T A x`` needs a symmetric ``A``. Points that meet the condition decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def _distribution(value: Array) -> Array:
    return np.asarray(np.abs(value) / np.abs(value).sum(axis=-1, keepdims=True))


def _column_distribution(value: Array) -> Array:
    return np.asarray(np.abs(value) / np.abs(value).sum(axis=0, keepdims=True))


def _unit(value: Array) -> Array:
    return np.asarray(value / np.sqrt((value**2).sum()))


def _symmetric(value: Array) -> Array:
    return np.asarray((value + value.T) / 2)


def _orthogonal(value: Array) -> Array:
    return np.asarray(np.linalg.qr(value)[0])


#: How many axes an input has, what holds of it, and how to make it hold.
CONDITIONS: tuple[tuple[int, str, Callable[[Array], Array]], ...] = (
    (1, "sum({name}) = 1", _distribution),
    (1, "norm({name}) = 1", _unit),
    (2, "sum({name}, axis=1) = 1", _distribution),
    (2, "sum({name}, axis=0) = 1", _column_distribution),
    (2, "{name}.T = {name}", _symmetric),
    (2, "{name}.T @ {name} = I", _orthogonal),
)


def condition_of(
    points: Sequence[Mapping[str, Array]],
    names: Sequence[str],
    right: Callable[[Sequence[Mapping[str, Array]]], bool],
) -> str:
    """Return a condition on one input under which a line is right, or nothing.

    Parameters
    ----------
    points : list of mappings
        The inputs at some points, at which the line is wrong.
    names : sequence of str
        The inputs that may be asked something of.
    right : callable
        Whether the line is right at all of some points.
    """
    for name in names if points else ():
        shape = points[0][name].shape
        for axes, said, made in CONDITIONS:
            if len(shape) != axes or max(shape) < 2:
                continue
            if axes == 2 and ".T" in said and len(set(shape)) != 1:
                continue
            meeting = [{**point, name: made(point[name])} for point in points]
            if right(meeting):
                return said.format(name=name)
    return ""
