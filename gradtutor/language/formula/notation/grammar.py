"""What the parts of the reader know of each other, and what they count."""

from __future__ import annotations

import ast
from abc import abstractmethod

from gradtutor.gates import Shape
from gradtutor.language.formula.functions.naming import METHODS_ONLY, known_function
from gradtutor.language.formula.notation.cursor import Cursor
from gradtutor.language.formula.notation.tokens import Kind, Token


class Grammar(Cursor):
    """The state of a reading, and the parts that call each other."""

    bars = 0  # |x| that are open
    norms = 0
    cases = 0  # {x if x > 0, 0 otherwise} that are open
    is_latex = False
    #: Whether * is a product of matrices, where both sides are such.
    of_matrices = False
    #: What to say of the reading.
    notes: list[str]
    #: Names that have a value or a shape.
    values: set[str]
    #: Names with an index that runs, and their shapes: x_i is a vector's entry.
    entries: dict[str, Shape]
    #: Indices of the last line that no sum runs over: it has a value for each.
    free: list[str]
    #: Names in bold type, or with an arrow: vectors and matrices.
    bold: set[str]
    #: How often each name stands in the text.
    counts: dict[str, int]

    @abstractmethod
    def expression(self) -> ast.expr:
        """Read an expression."""

    @abstractmethod
    def disjunction(self) -> ast.expr:
        """Read a condition."""

    @abstractmethod
    def power(self) -> ast.expr:
        """Read an operand with its exponent."""

    @abstractmethod
    def exponent(self) -> ast.expr:
        """Read an exponent."""

    @abstractmethod
    def raised(self, base: ast.expr, exponent: ast.expr, sign: Token) -> ast.expr:
        """Make a power."""

    @abstractmethod
    def begins_factor(self) -> bool:
        """Whether another factor follows without a sign."""

    @abstractmethod
    def bracketed(self) -> ast.expr:
        """Read a group in brackets."""

    @abstractmethod
    def total(self) -> ast.expr:
        """Read a sum or a product over an index."""

    @abstractmethod
    def atom(self) -> ast.expr:
        """Read a number, a name, a bracket."""

    def is_function(self, token: Token) -> bool:
        """Whether a token is the name of a function, and of no value."""
        known = token.kind is Kind.NAME and known_function(token.text)
        known = known if token.text not in METHODS_ONLY else ""
        return bool(known) and token.text not in self.values
