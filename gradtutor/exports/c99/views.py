"""Tensors in C: an array, or another look at one by strides.

>>> view = View("v1", (2, 3), (3, 1))
>>> view.turned((1, 0)).place(("i", "j"))
'v1[i + 3 * j]'
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

Sizes = tuple[int, ...]


def row_strides(shape: Sizes) -> Sizes:
    """Return the strides of an array whose last axis is the fastest."""
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


@dataclass(frozen=True)
class View:
    """Numbers of an array in some order.

    Attributes
    ----------
    array : str
        Its name in C.
    shape, strides : tuple of int
        Of each axis, how many entries there are and how far apart they lie.
    offset : int
        Where the first one lies.
    """

    array: str
    shape: Sizes
    strides: Sizes
    offset: int = 0

    def place(self, indices: Sequence[str]) -> str:
        """Return an element as C: ``v1[i0 * 3 + i1]``."""
        terms = [
            index if stride == 1 else f"{stride} * {index}"
            for index, stride, size in zip(
                indices, self.strides, self.shape, strict=True
            )
            if stride and size > 1
        ]
        terms += [str(self.offset)] * bool(self.offset or not terms)
        return f"{self.array}[{' + '.join(terms)}]"

    @property
    def is_whole(self) -> bool:
        """Whether the numbers lie one after the other."""
        wanted = row_strides(self.shape)
        pairs = zip(self.shape, self.strides, wanted, strict=True)
        return all(size == 1 or a == b for size, a, b in pairs)

    def reshaped(self, shape: Sizes) -> View:
        """Return the numbers, which lie one after the other, in other axes."""
        return replace(self, shape=shape, strides=row_strides(shape))

    def turned(self, axes: Sequence[int]) -> View:
        """Return the axes in another order."""
        shape = tuple(self.shape[axis] for axis in axes)
        return replace(
            self, shape=shape, strides=tuple(self.strides[axis] for axis in axes)
        )

    def cut(self, cuts: Sequence[tuple[int, int | None, int]]) -> View:
        """Return a part: start, stop and step along each of the first axes."""
        shape, strides, offset = list(self.shape), list(self.strides), self.offset
        for axis, (start, stop, step) in enumerate(cuts):
            stop = shape[axis] if stop is None else min(stop, shape[axis])
            offset += (start or 0) * strides[axis]
            shape[axis] = len(range(start or 0, stop, step))
            strides[axis] *= step
        return View(self.array, tuple(shape), tuple(strides), offset)

    def flipped(self, axes: Sequence[int]) -> View:
        """Return the numbers turned round along some axes."""
        strides, offset = list(self.strides), self.offset
        for axis in axes:
            offset += (self.shape[axis] - 1) * strides[axis]
            strides[axis] = -strides[axis]
        return replace(self, strides=tuple(strides), offset=offset)

    def stretched(self, shape: Sizes) -> View:
        """Return the numbers repeated to a shape, as broadcasting does."""
        missing = len(shape) - len(self.shape)
        sizes = (1,) * missing + self.shape
        strides = (0,) * missing + self.strides
        strides = tuple(
            0 if one == 1 and size != 1 else stride
            for one, size, stride in zip(sizes, shape, strides, strict=True)
        )
        return replace(self, shape=shape, strides=strides)

    def with_axes(self, axes: Sequence[int]) -> View:
        """Return the numbers with new axes of size 1."""
        shape, strides = list(self.shape), list(self.strides)
        for axis in sorted(axes):
            shape.insert(axis, 1)
            strides.insert(axis, 0)
        return replace(self, shape=tuple(shape), strides=tuple(strides))

    def windows(self, numbers: Sequence[tuple[int, int, int]], shape: Sizes) -> View:
        """Return sliding windows: (C, H, W) seen as (C, kh, kw, H', W')."""
        rank = len(numbers)
        inner = self.strides[1 : 1 + rank]
        taps = [
            s * dilation for s, (_, _, dilation) in zip(inner, numbers, strict=True)
        ]
        steps = [s * stride for s, (_, stride, _) in zip(inner, numbers, strict=True)]
        strides = (self.strides[0], *taps, *steps, *self.strides[1 + rank :])
        return replace(self, shape=shape, strides=strides)
