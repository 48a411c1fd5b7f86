"""Shapes of the arrays that a person's module itself has under an argument's name."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradtutor.audit.program.arguments import Argument

LARGEST = 6  # larger sizes are made smaller first
MOST = 20_000  # numbers in an array that is tried as it is
SMALL = (5, 4, 3, 2, 6, 7)
Reading = dict[str, Argument]


def own_readings(
    module: types.ModuleType, readings: Sequence[Reading], indexes: Sequence[str]
) -> list[Reading]:
    """Return readings with the module's own shapes, made smaller, and as they are.

    What the module has no array for keeps what a reading guesses, or is a column or a
    row as long as some axis of the others.
    """
    names = list(readings[0]) if readings else []
    found = {n: a for n in names if (a := _array(_of(module, n))) is not None}
    if not any(array.ndim for array in found.values()):
        return []
    sizes = {size for array in found.values() for size in array.shape if size > LARGEST}
    taken = {size for array in found.values() for size in array.shape} - sizes
    free = [size for size in SMALL if size not in taken] + list(range(8, 99))
    smaller = dict(zip(sorted(sizes), free, strict=False))
    made = []
    large = any(array.size > MOST for array in found.values())
    for to in (smaller, *([] if large else [{}])) if sizes else ({},):
        own = {n: _argument(a, to, labels=n in indexes) for n, a in found.items()}
        others = [n for n in names if n not in own]
        made += [{**rest, **own} for rest in _completed(others, own, readings)]
    return made


def _of(module: types.ModuleType, name: str) -> Any:
    """Return what a module has under a name; of ``weights2``, item 2 of a list."""
    if name in vars(module):
        return vars(module)[name]
    for value in vars(module).values():
        if isinstance(value, dict) and isinstance(value.get(name), np.ndarray):
            return value[name]  # params["W1"]
    several = vars(module).get(name.rstrip("0123456789"))
    place = int(name[len(name.rstrip("0123456789")) :] or -1)
    if isinstance(several, list) and 0 <= place < len(several):
        return several[place]
    return None


def _completed(
    names: Sequence[str], own: Reading, readings: Sequence[Reading]
) -> Iterator[Reading]:
    """Yield shapes for what the module has no arrays for."""
    yield from (
        {n: reading[n] for n in names} for reading in readings[: 40 if names else 1]
    )
    axes = sorted({size for a in own.values() for size in a.shape})
    first = readings[0]
    for size in axes if names else ():
        for shape in ((size, 1), (size,)):
            yield {n: first[n] if first[n].labels else Argument(shape) for n in names}


def _array(value: Any) -> Any:
    if isinstance(value, list | tuple):
        try:
            value = np.array(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(
        value, np.ndarray | float | np.floating
    ):
        return None
    array = np.asarray(value)
    return array if array.dtype.kind in "fiub" and array.size else None


def _argument(array: Any, smaller: Mapping[int, int], *, labels: bool) -> Argument:
    shape = tuple(smaller.get(size, size) for size in array.shape)
    if labels:
        top = int(array.max())
        return Argument(shape, (0, max(1, smaller.get(top + 1, top + 1) - 1)))
    if array.ndim and set(np.unique(array)) == {0, 1} and array.dtype.kind == "f":
        hot = array.ndim == 2 and (array.sum(axis=1) == 1).all()
        return Argument(shape, kind="onehot" if hot else "binary")
    return Argument(shape)
