"""Factors of a product of matrices, and chains of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy


@dataclass(frozen=True)
class Factor:
    """A factor of a chain: a matrix, or a vector as a column.

    Attributes
    ----------
    value : sympy.Expr
        A symbol, or a sum of matrices, or what stands on a diagonal.
    rank : int
        Of the value: 2 for a matrix, 1 for a column and for a diagonal.
    """

    value: sympy.Expr
    rank: int
    turned: bool = False
    inverted: bool = False
    diagonal: bool = False

    @property
    def transposed(self) -> Factor:
        """The same, transposed."""
        return self if self.diagonal else replace(self, turned=not self.turned)

    @property
    def is_column(self) -> bool:
        """Whether it is a vector that stands."""
        return self.rank == 1 and not self.turned and not self.diagonal

    @property
    def is_row(self) -> bool:
        """Whether it is a vector that lies."""
        return self.rank == 1 and self.turned and not self.diagonal


Chain = tuple[Factor, ...]
