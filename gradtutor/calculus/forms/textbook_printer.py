"""Expressions as a textbook writes them: the order of factors, of terms, of signs.

>>> x = sympy.Symbol("x", real=True)
>>> str(TextbookPrinter().doprint(-2 * x * (x - 1)))
'-2*x*(x - 1)'
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy.printing.precedence import precedence

from gradtutor.calculus.expression_printer import Printer, is_negative
from gradtutor.calculus.forms.written import Written
from gradtutor.gates.symbols import BETWEEN, WHERE
from gradtutor.graph.order import Order

#: Comparisons of both sides' opposites.
TURNED = {"greater": "less", "less": "greater"}


def _place(factor: sympy.Expr) -> int:
    """Return where a factor stands: x, then x^y, then functions, sums at the end."""
    if factor.is_Add:
        return 3
    if factor.is_Function:
        return 2
    return int(factor.is_Pow and not factor.exp.is_number)


def _turned(product: sympy.Mul) -> sympy.Expr:
    """Write -(y - 1)*x as (1 - y)*x."""
    number, factors = product.as_coeff_mul()
    if number != -1:
        return product
    for one in factors:
        rest = [factor for factor in factors if factor is not one]
        if _begins_with_minus(one):
            return sympy.Mul(-one, *rest, evaluate=False)
        if one.is_Pow and one.exp == -1 and _begins_with_minus(one.base):
            return sympy.Mul(1 / -one.base, *rest, evaluate=False)
    return product


def _begins_with_minus(total: sympy.Expr) -> bool:
    """Whether a sum is x - 1, whose opposite is 1 - x."""
    two = total.is_Add and len(total.args) == 2
    return bool(two and total.as_coeff_Add()[0].is_negative)


def _is_name(factor: sympy.Expr) -> bool:
    """Whether a factor is a name or a power of one: x, x**2, 1/x."""
    base = factor.base if factor.is_Pow and factor.exp.is_number else factor
    return bool(base.is_Symbol)


class TextbookPrinter(Printer):
    """Writes sums behind other factors: σ(x)(1 - σ(x)); [x > 0] for 1 or 0.

    Polynomials of three terms and more descend; a sum begins with a positive term.
    """

    #: Whether terms are ordered so; products of matrices have an order of their own.
    orders = True

    def __init__(self, order: Order = (), written: Written | None = None) -> None:
        super().__init__(order)
        self.written = written or Written()

    def _as_ordered_terms(self, expr: sympy.Add, order: str | None = None) -> Any:
        known = self.written.sum(expr)
        if known is not None:
            return list(known)
        terms = list(super()._as_ordered_terms(expr, order))
        names = expr.free_symbols
        if not self.orders:
            return terms
        if len(terms) > 2 and len(names) == 1 and expr.is_polynomial(*names):
            (name,) = names
            return sorted(terms, key=lambda term: -sympy.degree(term, name))
        if is_negative(terms[0]) and any(term.atoms(sympy.Function) for term in terms):
            return sorted(terms, key=is_negative)
        return terms

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:  # noqa: N802
        """Write a**(-3/2) as 1/a**(3/2)."""
        if expr.exp.is_Rational and expr.exp.p < -1:
            return f"1/{self._print(1 / expr)}"
        return str(super()._print_Pow(expr, rational))

    def _print_Function(self, expr: sympy.Expr) -> str:  # noqa: N802
        is_bracket = expr.func == WHERE and expr.args[1:] == (1, 0)
        if is_bracket and expr.args[0].is_Function:  # [y] of a name is a list
            return f"[{self._argument(expr.args[0])}]"
        return super()._print_Function(expr)

    def _argument(self, expr: sympy.Expr) -> str:
        """Write 0 < x < 1, and 1 - x > 0 as x < 1."""
        if expr.func == BETWEEN:
            return " < ".join(self._print(one) for one in expr.args)
        if str(expr.func) in TURNED and expr.args[1] == 0:
            number, rest = expr.args[0].as_coeff_Add()
            if number and is_negative(rest):
                turned = sympy.Function(TURNED[str(expr.func)])
                return super()._argument(turned(-rest, number))
        return super()._argument(expr)

    def _print_Mul(self, expr: sympy.Mul) -> str:  # noqa: N802
        turned = _turned(expr) if self.orders else expr
        if turned is not expr:
            return str(self._print(turned))
        factors = expr.as_ordered_factors()
        plain = all(not (one.is_Pow and one.exp.is_negative) for one in factors)
        whole = all(one.is_Integer and one > 0 for one in factors if one.is_number)
        functions = any(one.is_Function or one.is_Pow for one in factors)
        if functions and plain and whole:
            factors = sorted(factors, key=_place)
        return self._product(expr, self._as_written(factors))

    def _as_written(self, factors: list[sympy.Expr]) -> list[sympy.Expr]:
        """Put names as they were written, each in a place where a name stands."""
        names = [one for one in factors if _is_name(one)]
        known = self.written.product(names)
        ordered = iter(known or sorted(names, key=self.first_place))
        return [next(ordered) if _is_name(one) else one for one in factors]

    def _product(self, expr: sympy.Mul, factors: list[sympy.Expr]) -> str:
        """Write factors in this order; what has a negative power stands below."""
        above, below, sign = list[sympy.Expr](), list[sympy.Expr](), ""
        for factor in factors:
            negative = factor.is_number and factor.is_negative
            sign, one = ("-", -factor) if negative else (sign, factor)
            if one.is_Rational:
                above += [sympy.Integer(one.p)] * (one.p != 1)
                below += [sympy.Integer(one.q)] * (one.q != 1)
            elif one.is_Pow and one.exp.as_coeff_Mul()[0].is_negative:
                power = sympy.Pow(one.base, -one.exp, evaluate=False)
                below.append(one.base if one.exp == -1 else power)
            else:
                above.append(one)
        level = precedence(expr)
        texts = ["*".join(self.parenthesize(one, level) for one in above) or "1"]
        if below:
            text = "*".join(self.parenthesize(one, level) for one in below)
            texts.append(f"({text})" if len(below) > 1 else text)
        return sign + "/".join(texts)
