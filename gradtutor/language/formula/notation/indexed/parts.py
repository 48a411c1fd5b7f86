"""Parts of a formula with the index of each axis, and the sizes that must be equal."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

Axes = tuple[str, ...]


@dataclass
class Total(ast.expr):
    """A sum, a product or an extreme over indices, before its axes are known.

    Attributes
    ----------
    kind : str
        sum, prod, amax or amin.
    bounds : tuple
        Where the first index starts and stops, where both are numbers.
    stop : ast.expr or None
        The upper bound where it is a name.
    """

    kind: str
    body: ast.expr
    over: tuple[str, ...]
    bounds: tuple[int, int] | None = None
    stop: ast.expr | None = None
    _fields = ("body",)

    __hash__ = object.__hash__


@dataclass(frozen=True)
class Part:
    """Factors, each with the labels of its axes; their product is the value.

    Attributes
    ----------
    cell : tuple of str
        The axes of the value itself: none of a number, one of a vector x_i that is a
        row, two of a matrix. All other axes belong to indices.
    lies : bool
        Whether a vector was transposed.
    """

    factors: tuple[tuple[ast.expr, Axes], ...]
    cell: Axes = ()
    lies: bool = False
    negative: bool = False

    @property
    def axes(self) -> Axes:
        """All labels: those of indices in the order of their use, then the cell's."""
        found = dict.fromkeys(one for _, axes in self.factors for one in axes)
        return (*(one for one in found if one not in self.cell), *self.cell)

    @property
    def indices(self) -> Axes:
        """The labels that belong to indices."""
        return tuple(one for one in self.axes if one not in self.cell)

    def renamed(self, old: str, new: str) -> Part:
        """Return the part with another label for an axis."""
        factors = tuple(
            (tree, tuple(new if one == old else one for one in axes))
            for tree, axes in self.factors
        )
        cell = tuple(new if one == old else one for one in self.cell)
        return Part(factors, cell, self.lies, self.negative)


#: Names for sizes, by the letter of an index.
LETTERS = {"i": "n", "j": "m", "k": "k", "n": "n", "t": "t", "l": "l"}
SPARE = ("d", "p", "q", "r", "s", "u", "v")


@dataclass
class Sizes:
    """Which axes have the same size: a tensor's, an index's, a bound's."""

    above: dict[Hashable, Hashable] = field(default_factory=dict)
    number: dict[Hashable, int] = field(default_factory=dict)

    def root(self, one: Hashable) -> Hashable:
        """Return what stands for all that are equal to this one."""
        self.above.setdefault(one, one)
        while self.above[one] != one:
            one = self.above[one]
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        """Make two sizes the same."""
        first, second = self.root(one), self.root(other)
        if first != second:
            self.above[second] = first
            if second in self.number:
                self.number.setdefault(first, self.number.pop(second))

    def fix(self, one: Hashable, number: int) -> None:
        """Give a size its number."""
        self.number.setdefault(self.root(one), number)

    def named(self, axes: Iterable[Hashable]) -> dict[Hashable, int | str]:
        """Return a number or a letter for each axis: n of i, m of j, d of a row."""
        letters: dict[Hashable, str] = {}
        found: dict[Hashable, int | str] = {}
        for axis in axes:
            root = self.root(axis)
            if root in self.number:
                found[axis] = self.number[root]
                continue
            if root not in letters:
                letters[root] = self._letter(root, set(letters.values()))
            found[axis] = letters[root]
        return found

    def _letter(self, root: Hashable, used: set[str]) -> str:
        members = [one for one in self.above if self.root(one) == root]
        indices = (one[0] for one in members if isinstance(one, str) and one[0] != "*")
        wished = [LETTERS.get(letter, f"n_{letter}") for letter in indices]
        options = [*wished, *(SPARE if not wished else ("n", "m", *SPARE))]
        return next((one for one in options if one not in used), f"n{len(used) + 1}")
