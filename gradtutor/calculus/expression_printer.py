"""sympy's expressions written in the language, names in the order they were written.

>>> Printer(["y", "x"]).doprint(sympy.Symbol("x") + sympy.Symbol("y"))
'y + x'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.printing.str import StrPrinter

from gradtutor.calculus.recipe import functions
from gradtutor.gates import GATES
from gradtutor.graph.order import Order

#: Names inside the text of a part.
NAMES = re.compile(r"[^\W\d]\w*")


def is_negative(term: sympy.Expr) -> bool:
    """Whether a term is written with a minus sign."""
    return bool(term.as_coeff_Mul()[0].is_negative)


class Printer(StrPrinter):  # type: ignore[misc]
    """Writes sympy expressions in gradtutor's language.

    Parameters
    ----------
    order : sequence of str or mapping
        Names in the order in which a person wrote them, or each with its place; without
        it sympy's own order.
    """

    def __init__(self, order: Order = ()) -> None:
        super().__init__()
        self.places: Mapping[str, int] = (
            order
            if isinstance(order, Mapping)
            else {name: place for place, name in enumerate(order)}
        )

    def _as_ordered_terms(self, expr: sympy.Add, order: str | None = None) -> Any:
        """Return terms: of higher degree first, as written, and negative ones last."""
        terms = super()._as_ordered_terms(expr, order)
        if not self.places or any(term.atoms(sympy.Function) for term in terms):
            return terms
        return sorted(terms, key=self._term_place)

    def _term_place(self, term: sympy.Expr) -> tuple[Any, ...]:
        powers = [one.as_base_exp() for one in sympy.Mul.make_args(term)]
        degree = sum(
            int(power) if power.is_Integer else 1
            for base, power in powers
            if not base.is_number
        )
        return is_negative(term), term.is_number, -degree, self.first_place(term)

    def first_place(self, part: sympy.Expr) -> int:
        """Return where the first of a part's names was written."""
        names = {name for one in part.free_symbols for name in NAMES.findall(one.name)}
        places = [self.places[name] for name in names if name in self.places]
        return min(places, default=len(self.places) if names else -1)

    def _print_Float(self, expr: sympy.Float) -> str:  # noqa: N802
        value = float(expr)
        short = float(f"{value:.15g}")  # 0.1*3 is 0.3, not 0.30000000000000004
        return repr(short if len(repr(short)) < len(repr(value)) - 3 else value)

    def _print_Function(self, expr: sympy.Expr) -> str:  # noqa: N802
        name = functions().get(type(expr), expr.func.__name__)
        infix = GATES[name].infix
        written = self._print if infix else self._argument  # (x > 0) == 1
        args = [written(arg) for arg in expr.args]
        return f"({f' {infix} '.join(args)})" if infix else f"{name}({', '.join(args)})"

    def _argument(self, expr: sympy.Expr) -> str:
        """Write an argument; a comparison needs no parentheses there."""
        text: str = self._print(expr)
        bare = isinstance(expr, AppliedUndef) and GATES[expr.func.__name__].infix
        return text[1:-1] if bare else text

    def _print_Max(self, expr: sympy.Expr) -> str:  # noqa: N802
        return f"max({', '.join(self._print(arg) for arg in expr.args)})"

    def _print_Piecewise(self, expr: sympy.Piecewise) -> str:  # noqa: N802
        *choices, (otherwise, _) = expr.args
        text = self._print(otherwise)
        for value, condition in reversed(choices):
            text = f"where({self._print(condition)}, {self._print(value)}, {text})"
        return str(text)

    def _print_Relational(self, expr: sympy.Basic) -> str:  # noqa: N802
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

    def _print_Abs(self, expr: sympy.Expr) -> str:  # noqa: N802
        return f"abs({self._print(expr.args[0])})"

    def _print_Exp1(self, _expr: sympy.Expr) -> str:  # noqa: N802
        return "exp(1)"
