"""Values of the algebra as text: numbers first, one chain of matrices last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import sympy
from sympy.printing.precedence import PRECEDENCE

from gradtutor.calculus.expression_printer import is_negative
from gradtutor.calculus.forms.textbook_printer import TextbookPrinter

#: How much shorter another form than the first must be.
SHORTER = 0.8


class Writer(TextbookPrinter):
    """Writes expressions whose symbols may be products of matrices.

    Parameters
    ----------
    ranks, chains : mapping
        Of the symbols: their ranks, and the factors of those that are products.
    order : sequence of str
        Names in the order that they were written in.
    """

    orders = False

    def __init__(
        self,
        ranks: Mapping[sympy.Symbol, int],
        chains: Mapping[sympy.Symbol, tuple[Any, ...]],
        order: Sequence[str],
    ) -> None:
        super().__init__(order)
        self.ranks, self.chains = ranks, chains

    def shortest(self, forms: Iterable[sympy.Expr]) -> str:
        """Return the text of the first of equal forms, unless one is much shorter."""
        first, *others = [str(self.doprint(one)) for one in forms]
        shorter = [text for text in others if len(text) < SHORTER * len(first)]
        return min(shorter, key=len, default=first)

    # ---- chains ----

    def chain_text(self, chain: tuple[Any, ...]) -> str:
        """Write a chain; a column times a row is an outer product."""
        for place, (one, after) in enumerate(pairwise(chain), 1):
            if one.is_column and after.is_row:
                right = tuple(factor.transposed for factor in reversed(chain[place:]))
                left = self.chain_text(chain[:place]), self.chain_text(right)
                return f"outer({', '.join(map(_bare, left))})"
        return " @ ".join(map(self._factor, chain))

    def _factor(self, factor: Any) -> str:
        value = factor.value
        text = self.shortest([sympy.factor_terms(value), value, sympy.expand(value)])
        if factor.diagonal:
            return f"diag({text})"
        if factor.inverted:
            text = f"inv({text})"
        elif not _is_atom(text):
            text = f"({text})"
        turned = factor.turned and factor.rank == 2
        return f"{text}.T" if turned else text

    # ---- sympy's parts ----

    def _as_ordered_terms(self, expr: sympy.Add, order: str | None = None) -> Any:
        """Begin with a positive term."""
        terms = list(super()._as_ordered_terms(expr, order))
        return sorted(terms, key=is_negative) if is_negative(terms[0]) else terms

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        """Put a product of matrices in brackets where an operator binds it."""
        text = str(super().parenthesize(item, level, strict))
        loose = item.is_Symbol and level >= PRECEDENCE["Mul"]
        return f"({text})" if loose and not _is_atom(text) else text

    def _print_Mul(self, expr: sympy.Mul) -> str:  # noqa: N802
        """Write numbers, then vectors; one product of matrices stands bare."""
        sign, value = ("-", -expr) if is_negative(expr) else ("", expr)
        above, below = _fraction(value)
        parts = sorted(sympy.Mul.make_args(above), key=self._place)
        kept = [one for one in parts if one != 1]
        texts = [self._part(one, kept) for one in kept] or ["1"]
        text = sign + "*".join(texts)
        if below == 1:
            return text
        return f"{text}/{self.parenthesize(below, PRECEDENCE['Mul'] + 1)}"

    def _part(self, one: sympy.Expr, parts: list[sympy.Expr]) -> str:
        """Write a factor, without brackets if it is the last and all else numbers."""
        tensors = [part for part in parts if self._rank(part)]
        bare = one.is_Symbol and tensors == [one] and one is parts[-1]
        text = self._print(one) if bare else ""
        return text or self.parenthesize(one, PRECEDENCE["Mul"], strict=False)

    def _rank(self, part: sympy.Expr) -> int:
        return max((self.ranks.get(one, 0) for one in part.free_symbols), default=0)

    def _place(self, part: sympy.Expr) -> tuple[int, int, int, str]:
        """Return where a factor stands: numbers, symbols, functions, sums."""
        chain = part.is_Symbol and self.ranks.get(part, 0) and not _is_atom(part.name)
        kind = 0 if part.is_number else 2 if part.is_Function else 1
        kind = 3 if part.is_Add else kind
        return (
            bool(self._rank(part)) + bool(chain),
            kind,
            self.first_place(part),
            str(part),
        )


def _fraction(value: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Split a product into what stands above and below the bar."""
    above, below = [], []
    for one in sympy.Mul.make_args(value):
        if one.is_Rational and one.q != 1:
            above.append(sympy.Integer(one.p))
            below.append(sympy.Integer(one.q))
        elif one.is_Pow and one.exp.is_number and one.exp.is_negative:
            below.append(one.base**-one.exp)
        else:
            above.append(one)
    return _unevaluated(above), _unevaluated(below)


def _unevaluated(factors: list[sympy.Expr]) -> sympy.Expr:
    """Return a product that keeps 2*(a - b) as it is."""
    kept = [one for one in factors if one != 1]
    if len(kept) < 2:
        return kept[0] if kept else sympy.Integer(1)
    return sympy.Mul(*kept, evaluate=False)


def _is_atom(text: str) -> bool:
    """Whether a text needs no brackets as a factor: x, f(x + 1), A.T."""
    depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and char in " +<>=@/-*":
            return False
    return True


def _bare(text: str) -> str:
    """Drop brackets around a whole text."""
    if text.startswith("(") and text.endswith(")") and _is_atom(text):
        depth = 0
        for place, char in enumerate(text):
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return text[1:-1] if place == len(text) - 1 else text
    return text
