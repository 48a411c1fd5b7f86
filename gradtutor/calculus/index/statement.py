"""A statement to prove: a forward formula and a declared adjoint in index notation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from gradtutor.calculus.index.sentences import Line, Sentence
from gradtutor.calculus.index.unknowns import depends

U, V, W, X, Z = (sympy.IndexedBase(name) for name in "UVWXZ")
#: Labels: whole numbers.
Y = sympy.IndexedBase("Y", integer=True)
#: What a scalar result is called, and the gradient that arrives at it.
SCALAR, UPSTREAM = sympy.symbols("L U", real=True)


@dataclass(frozen=True)
class Statement:
    """A forward formula and the adjoint that is declared for one operand.

    Attributes
    ----------
    name, operand : str, int
        The gate and the position of the operand.
    output, forward : sympy.Expr
        One entry of the result, Z[n, k] or a scalar L, and its formula.
    target, declared : sympy.Expr
        One entry of the operand, W[a, b], and the formula of its gradient.
    shapes : mapping
        The sizes of each tensor, in symbols; U, the gradient from above, is absent if
        the result is a scalar.
    small : mapping
        Values of the size symbols, to unroll the formulas with.
    note, where : Line, Sentence, optional
        The declared adjoint whole or in words, and a condition on the forward formula.
    """

    name: str
    output: sympy.Expr
    forward: sympy.Expr
    shapes: Mapping[str, tuple[sympy.Expr, ...]]
    small: Mapping[str, int]
    operand: int
    target: sympy.Indexed
    declared: sympy.Expr
    note: Line | None = None
    where: Sentence | None = None

    @property
    def of_inverse(self) -> bool:
        """Whether the inverse or the determinant of X stands in a formula."""
        formulas = self.forward, self.declared
        return any(depends(one, self.target) and not one.has(X) for one in formulas)
