r"""The textbook's form of a derivative: without the guards of what is computed.

The stable form guards single points, ``log(where(x == 0, 1, x))``, and factors
differences, ``(1 - tanh(x))*(1 + tanh(x))``. On the domain both are equal: sympy proves
it, or the form stays as it is.

>>> x = sympy.Symbol("x", real=True)
>>> textbook((1 - sympy.tanh(x)) * (1 + sympy.tanh(x))).text
'1 - tanh(x)**2'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sympy
from sympy.printing.precedence import precedence

from gradtutor.calculus.closed_form import (
    WHERE,
    Printer,
    expression_string,
    is_negative,
)
from gradtutor.calculus.quotients import (
    LONGER,
    has_bars_in_bars,
    named_numbers,
    quotient,
)

EQUAL = sympy.Function("equal")
#: What is compared with 0, and the value that is chosen there.
Guard = tuple[sympy.Expr, sympy.Expr]


@dataclass(frozen=True)
class Textbook:
    """A derivative as a textbook writes it, and where that holds: x > 0."""

    text: str
    domain: tuple[str, ...] = ()


def bare(expression: sympy.Expr) -> sympy.Expr:
    """Drop choices at single points, and join conjugates: 1 - a²."""
    found, _ = _unguarded(expression)
    return found.replace(lambda part: part.is_Mul, _conjugates)


def textbook(expression: sympy.Expr, order: Sequence[str] = ()) -> Textbook:
    """Return an expression in the textbook's form, names in the order given."""
    bare, guarded = _unguarded(named_numbers(expression))
    joined = bare.replace(lambda part: part.is_Mul, _conjugates)
    joined = joined.replace(lambda part: part.is_Mul, _reciprocal)
    form = joined
    if guarded:
        form = min(_forms(joined), key=_length)
    if form != expression and not _equal(bare, form):
        return Textbook(expression_string(expression, order))
    printer = TextbookPrinter(order)
    factored = sympy.factor_terms(form)
    texts = [str(printer.doprint(one)) for one in (form, factored)]
    text = texts[1] if _is_multiple_of_one_minus(form) else min(texts, key=len)
    if has_bars_in_bars(form) or has_bars_in_bars(factored):
        single = quotient(form)
        other = str(printer.doprint(single))
        if len(other) <= LONGER * len(text) and _equal(form, single):
            form, text = single, other
    return Textbook(text, _domains(form, guarded))


def _is_multiple_of_one_minus(form: sympy.Expr) -> bool:
    """Whether a sum is 3 - 3*a**2, which is written 3*(1 - a**2)."""
    number, rest = form.as_coeff_Add()
    factor, square = rest.as_coeff_Mul()
    whole = number.is_Integer and number > 1 and factor == -number
    return bool(whole and square.is_Pow and square.exp == 2)


def _reciprocal(product: sympy.Mul) -> sympy.Expr:
    """Write sign(a)/|a| as 1/a."""
    for one in product.args:
        if isinstance(one, sympy.Pow) and isinstance(one.base, sympy.Abs):
            inner = one.base.args[0]
            sign = next((s for s in product.args if _is_sign(s, inner)), None)
            if one.exp == -1 and sign is not None:
                return product / one / sign / inner
    return product


def _is_sign(part: sympy.Expr, of: sympy.Expr) -> bool:
    named = part.func == sympy.sign or str(part.func) == "sign"
    return bool(named and part.args[0] == of)


def _unguarded(expression: sympy.Expr) -> tuple[sympy.Expr, list[Guard]]:
    """Drop choices made at single points only; return what was compared with 0."""
    guarded: list[Guard] = []

    def dropped(test: sympy.Expr, _at: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
        if isinstance(test, EQUAL) and test.args[1] == 0:
            guarded.append((test.args[0], _at))
            return other
        return WHERE(test, _at, other)

    return _settled(expression.replace(WHERE, dropped)), guarded


def _settled(expression: sympy.Expr) -> sympy.Expr:
    """Choose within a branch what its own condition has chosen: no case in a case."""

    def chosen(test: sympy.Expr, kept: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
        return WHERE(test, _known(kept, test, 0), _known(other, test, 1))

    return expression.replace(WHERE, chosen)


def _known(branch: sympy.Expr, test: sympy.Expr, place: int) -> sympy.Expr:
    return branch.replace(
        lambda part: part.func == WHERE and part.args[0] == test,
        lambda part: part.args[1 + place],
    )


def _conjugates(product: sympy.Mul) -> sympy.Expr:
    """Write (1 - a)(1 + a) as 1 - a²."""
    factors = list(product.args)
    sums = [one for one in factors if one.is_Add and len(one.args) == 2]
    for one, other in combinations(sums, 2):
        whole = sympy.expand(one * other)
        if whole.is_Add and len(whole.args) == 2:
            rest = [factor for factor in factors if factor not in (one, other)]
            return sympy.Mul(*rest, whole)
    return product


def _forms(expression: sympy.Expr) -> list[sympy.Expr]:
    """Return equal forms on the domain, where bases are positive."""
    free = expression.free_symbols
    names = {one: sympy.Dummy(str(one), positive=True) for one in free}
    positive = sympy.powsimp(expression.xreplace(names))
    back = {dummy: one for one, dummy in names.items()}
    return [one.xreplace(back) for one in (positive, sympy.factor(positive))]


def _length(form: sympy.Expr) -> tuple[int, int]:
    return int(sympy.count_ops(form)), len(str(form))


def _equal(one: sympy.Expr, other: sympy.Expr) -> bool:
    """Whether sympy proves two forms equal for positive names."""
    names = {
        name: sympy.Dummy(str(name), positive=True)
        for name in one.free_symbols | other.free_symbols
    }
    difference = (one - other).xreplace(names)
    return bool(sympy.simplify(sympy.expand(sympy.powsimp(difference))) == 0)


def _domains(form: sympy.Expr, guarded: list[Guard]) -> tuple[str, ...]:
    """Say where a form holds: where its logarithms' arguments are positive.

    Elsewhere it holds at the guarded point too, or the point itself is left out.
    """
    positive = [base for base, _ in guarded if form.has(sympy.log(base))]
    logs = sorted({log.args[0] for log in form.atoms(sympy.log)}, key=str)
    positive += [one for one in logs if one.free_symbols and one not in positive]
    if positive:
        signs = {expression_string(one): ">" for one in positive}
    else:
        left_out = [base for base, value in guarded if form.subs(base, 0) != value]
        signs = {expression_string(one): "!=" for one in left_out}
    return tuple(f"{name} {sign} 0" for name, sign in signs.items())


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
        if one.is_Add and len(one.args) == 2 and one.as_coeff_Add()[0].is_negative:
            rest = [factor for factor in factors if factor is not one]
            return sympy.Mul(-one, *rest, evaluate=False)
    return product


class TextbookPrinter(Printer):
    """Writes sums behind other factors: σ(x)(1 - σ(x)); [x > 0] for 1 or 0.

    Polynomials of three terms and more descend; a sum begins with a positive term.
    """

    #: Whether terms are ordered so; products of matrices have an order of their own.
    orders = True

    def _as_ordered_terms(self, expr: sympy.Add, order: str | None = None) -> Any:
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
        if expr.exp.is_Rational and expr.exp < 0 and expr.exp.q > 1 and expr.exp.p < -1:
            return f"1/{self._print(1 / expr)}"
        return str(super()._print_Pow(expr, rational))

    def _print_Function(self, expr: sympy.Expr) -> str:  # noqa: N802
        if expr.func == WHERE and expr.args[1:] == (1, 0):
            return f"[{self._argument(expr.args[0])}]"
        return super()._print_Function(expr)

    def _print_Mul(self, expr: sympy.Mul) -> str:  # noqa: N802
        turned = _turned(expr) if self.orders else expr
        if turned is not expr:
            return str(self._print(turned))
        factors = expr.as_ordered_factors()
        plain = all(not (one.is_Pow and one.exp.is_negative) for one in factors)
        whole = all(one.is_Integer and one > 0 for one in factors if one.is_number)
        functions = any(one.is_Function or one.is_Pow for one in factors)
        if not (functions and plain and whole):
            return str(super()._print_Mul(expr))
        ordered = sorted(factors, key=_place)
        level = precedence(expr)
        return "*".join(self.parenthesize(one, level) for one in ordered)
