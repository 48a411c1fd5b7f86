"""Sizes and shapes of a step: a number, times the sizes that a script knows by name.

>>> size = Size.of("576*N")
>>> size.count, size.names, size.text, size.at(64)
(576, ('N',), '576 * N', 36864)
>>> [one.text for one in sizes_of((3, "N"))], product(sizes_of((3, 2, "N"))).text
(['3', 'N'], '6 * N')
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from gradtutor.gates import Dimension


@dataclass(frozen=True)
class Size:
    """How long an axis is.

    Attributes
    ----------
    count : int
        The factor that is known.
    names : tuple of str
        Sizes that are known when a script runs, sorted: ``("N",)``.
    """

    count: int
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, dimension: Dimension) -> Size:
        """Read a graph's size, a number or such as ``576*N``: nothing else does."""
        return _read(dimension)

    @property
    def fixed(self) -> bool:
        """Whether it is known now."""
        return not self.names

    @property
    def is_one(self) -> bool:
        """Whether the axis has one element."""
        return self.fixed and self.count == 1

    @property
    def is_long(self) -> bool:
        """Whether it is so many places for each example, such as 576 * N."""
        return bool(self.names) and self.count != 1

    @property
    def text(self) -> str:
        """Return the size as a script and a kernel write it."""
        number = [str(self.count)] * (self.count != 1 or self.fixed)
        return " * ".join([*number, *self.names])

    @property
    def dimension(self) -> Dimension:
        """Return the size as a graph has it."""
        return self.count if self.fixed else self.text.replace(" ", "")

    def at(self, batch: int) -> int:
        """Return the size where each name is this number."""
        return self.count * int(batch ** len(self.names))


#: A tensor's shape, as operations have it.
Sizes = tuple[Size, ...]


@cache
def _read(dimension: Dimension) -> Size:
    parts = str(dimension).split("*")
    numbers = [int(part) for part in parts if part.lstrip("-").isdigit()]
    names = [part for part in parts if not part.lstrip("-").isdigit()]
    return Size(math.prod(numbers), tuple(sorted(names)))


def sizes_of(shape: Iterable[Dimension]) -> Sizes:
    """Return a graph's shape as sizes."""
    return tuple(_read(size) for size in shape)


def product(sizes: Iterable[Size]) -> Size:
    """Return the number of elements of a shape."""
    number, names = 1, list[str]()
    for size in sizes:
        number *= size.count
        names += size.names
    return Size(number, tuple(sorted(names)))


def reshape_text(sizes: Sizes) -> str:
    """Write the arguments of a reshape; the size that is not known yet is -1.

    >>> reshape_text(sizes_of((3, "576*N")))
    '3, -1'
    >>> reshape_text(sizes_of(()))
    '()'
    """
    return ", ".join(size.text if size.fixed else "-1" for size in sizes) or "()"
