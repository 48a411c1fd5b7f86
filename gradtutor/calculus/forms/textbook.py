r"""The textbook's form of a derivative: without the guards of what is computed.

The stable form guards single points, ``log(where(x == 0, 1, x))``, and factors
differences, ``(1 - tanh(x))*(1 + tanh(x))``. On the domain both are equal: sympy proves
it, or the form stays as it is.

>>> x = sympy.Symbol("x", real=True)
>>> textbook((1 - sympy.tanh(x)) * (1 + sympy.tanh(x))).text
'1 - tanh(x)**2'
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import sympy

from gradtutor.calculus.closed_form import expression_string
from gradtutor.calculus.forms.domains import Condition, Guard, domains
from gradtutor.calculus.forms.quotients import (
    LONGER,
    has_bars_in_bars,
    has_root_below,
    named_numbers,
    quotient,
    whole_numbers,
)
from gradtutor.calculus.forms.regions import by_regions, differs
from gradtutor.calculus.forms.textbook_printer import TextbookPrinter
from gradtutor.calculus.forms.written import Written
from gradtutor.gates.symbols import WHERE
from gradtutor.graph.order import Order

EQUAL = sympy.Function("equal")
OPPOSITES = ("greater", "less")
RELU = sympy.Function("relu")
#: A value that no form has: at its point the form does not hold.
ELSEWHERE = sympy.Symbol("elsewhere")
#: Largest form that is put over one bar, and how much shorter another must be.
SMALL, SHORTER, MUCH_SHORTER = 30, 0.75, 0.6


@dataclass(frozen=True)
class Textbook:
    """A derivative as a textbook writes it, and where that holds: x > 0."""

    text: str
    domain: tuple[Condition, ...] = ()


def bare(expression: sympy.Expr) -> sympy.Expr:
    """Drop choices at single points, and join conjugates: 1 - a²."""
    found, _ = _unguarded(expression)
    return found.replace(lambda part: part.is_Mul, _conjugates)


def textbook(
    expression: sympy.Expr,
    order: Order = (),
    *,
    ties: bool = False,
    written: Written | None = None,
) -> Textbook:
    """Return an expression in the textbook's form, names in the order given.

    Parameters
    ----------
    ties : bool
        Whether the slope where max(a, b) has a = b is kept.
    written : Written, optional
        How the formula's own sums and products were written.
    """
    given, expression = expression, whole_numbers(expression)
    if expression.has(sympy.I):  # log(-2): there is no value to write
        return Textbook(expression_string(given, order))
    bare, guarded = _unguarded(named_numbers(expression), ties=ties)
    joined = bare.replace(lambda part: part.is_Mul, _conjugates)
    joined = joined.replace(lambda part: part.is_Mul, _reciprocal)
    form = joined
    if guarded and not form.has(WHERE):
        form = min(_forms(joined), key=_length)
    form = _shorter(form)
    if form != expression and not _equal(bare, form):
        return Textbook(expression_string(expression, order))
    printer = TextbookPrinter(order, written)
    plain = str(printer.doprint(form))
    found = by_intervals(expression, plain, printer, ties=ties)
    if found is not None:
        return found
    factored = sympy.factor_terms(form)
    texts = [str(printer.doprint(one)) for one in (form, factored)]
    text = texts[1] if _is_multiple_of_one_minus(form) else min(texts, key=len)
    text = texts[1] if len(texts[1]) == len(texts[0]) else text
    bars = has_bars_in_bars(form) or has_bars_in_bars(factored)
    if bars or has_root_below(form):
        single = quotient(form)
        other = str(printer.doprint(single))
        longest = LONGER * len(text) if bars else len(text) - 1
        if len(other) <= longest and _equal(form, single):
            form, text = single, other
    return Textbook(text, domains(form, guarded, printer))


def by_intervals(
    expression: sympy.Expr, plain: str, printer: TextbookPrinter, *, ties: bool = False
) -> Textbook | None:
    """Return cases of one quantity by its intervals, if that is shorter than ``plain``.

    With ``ties`` a form must hold at the ends of the intervals as well.
    """
    regions = by_regions(expression)
    if regions is None or (ties and regions.jumps):
        return None
    single = regions.form if regions.form.has(WHERE) else _shorter(regions.form)
    text = str(printer.doprint(single))
    if len(text) >= len(plain):
        return None
    return Textbook(
        text, domains(single, [(one, ELSEWHERE) for one in regions.jumps], printer)
    )


def _is_multiple_of_one_minus(form: sympy.Expr) -> bool:
    """Whether a sum is 3 - 3*a**2, which is written 3*(1 - a**2)."""
    number, rest = form.as_coeff_Add()
    factor, square = rest.as_coeff_Mul()
    whole = number.is_Integer and number > 1 and factor == -number
    return bool(whole and square.is_Pow and square.exp == 2)


def _reciprocal(product: sympy.Mul) -> sympy.Expr:
    """Write sign(a)/|a| as 1/a, and a sign(a) as |a|."""
    for one in product.args:
        sign = next((s for s in product.args if _is_sign(s, one)), None)
        if sign is not None:
            return product / one / sign * sympy.Abs(one)
        if isinstance(one, sympy.Pow) and isinstance(one.base, sympy.Abs):
            inner = one.base.args[0]
            sign = next((s for s in product.args if _is_sign(s, inner)), None)
            if one.exp == -1 and sign is not None:
                return product / one / sign / inner
    return product


def _is_sign(part: sympy.Expr, of: sympy.Expr) -> bool:
    named = part.func == sympy.sign or str(part.func) == "sign"
    return bool(named and part.args[0] == of)


def _unguarded(
    expression: sympy.Expr, *, ties: bool = False
) -> tuple[sympy.Expr, list[Guard]]:
    """Drop choices made at single points only; return what was compared with 0."""
    guarded: list[Guard] = []

    def dropped(test: sympy.Expr, _at: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
        if isinstance(test, EQUAL) and test.args[1] == 0:
            if test.args[0].is_nonzero and test.args[0].is_number:
                return other
            guarded.append((test.args[0], _at))
            return other
        if isinstance(test, EQUAL) and not ties and _is_tie(_at, other, test):
            guarded.append((test.args[0] - test.args[1], _at))
            return _without_tie(other)
        return WHERE(test, _at, other)

    return _settled(expression.replace(WHERE, dropped)), guarded


def _is_tie(at: sympy.Expr, other: sympy.Expr, test: sympy.Expr) -> bool:
    """Whether a choice shares a slope where max(a, b) has a = b: half of each side."""
    if other.func != WHERE or str(other.args[0].func) not in OPPOSITES:
        return False
    decides, kept, rest = other.args
    same = set(decides.args) == set(test.args)
    return bool(same and sympy.expand(kept + rest - 2 * at) == 0)


def _without_tie(choice: sympy.Expr) -> sympy.Expr:
    """Write [a <= b], where a and b differ, as [b > a]."""
    decides, kept, rest = choice.args
    if kept != 0:
        return choice
    left, right = decides.args
    turned = sympy.Function(str(decides.func))(right, left)
    return WHERE(turned, rest, kept)


def _settled(expression: sympy.Expr) -> sympy.Expr:
    """Choose within a branch what its own condition has chosen: no case in a case."""

    def chosen(test: sympy.Expr, kept: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
        if other == 0 and test.args and test.args[-1] == 0 and _has_relu(kept, test):
            return kept
        return WHERE(test, _known(kept, test, 0), _known(other, test, 1))

    return expression.replace(WHERE, chosen)


def _has_relu(product: sympy.Expr, test: sympy.Expr) -> bool:
    """Whether a product is 0 by itself where a > 0 does not hold: 2*relu(a)."""
    factors = sympy.Mul.make_args(product)
    bases = {one.base if one.is_Pow and one.exp.is_positive else one for one in factors}
    return str(test.func) == "greater" and RELU(test.args[0]) in bases


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


def _shorter(form: sympy.Expr) -> sympy.Expr:
    """Return a form with opposites cancelled, multiplied out or over one bar, if short.

    (1/(x + 1) + 1/(1 - x))/2 is 1/(1 - x²), and s (1 - y) - y (1 - s) is s - y.
    """
    if form.has(WHERE) or (not form.is_Add and not form.has(sympy.Add)):
        return form
    count = sympy.count_ops(form)
    forms = [form.replace(_is_quotient, sympy.cancel), sympy.expand(form)]
    best = min(forms, key=_length)
    if sympy.count_ops(best) <= SHORTER * count:
        return best
    if count <= SMALL and not form.atoms(sympy.Function):
        single = sympy.cancel(form)
        best = min((single, sympy.factor(single)), key=_length)
    return best if sympy.count_ops(best) <= MUCH_SHORTER * count else form


def _is_quotient(part: sympy.Expr) -> bool:
    """Whether a product has a sum above and its opposite below: (1 - p)/(p - 1)."""
    if not part.is_Mul:
        return False
    above = {one for one in part.args if one.is_Add}
    below = {one.base for one in part.args if one.is_Pow and one.exp == -1}
    return any(-one in below or sympy.expand(-one) in below for one in above)


def _length(form: sympy.Expr) -> tuple[int, int]:
    return int(sympy.count_ops(form)), len(str(form))


def _equal(one: sympy.Expr, other: sympy.Expr) -> bool:
    """Whether sympy proves two forms equal for positive names."""
    names = {
        name: sympy.Dummy(str(name), positive=True)
        for name in one.free_symbols | other.free_symbols
    }
    difference = (one - other).xreplace(names)
    if sympy.expand(difference) == 0:  # tens of times quicker than the numbers of 0
        return True
    if differs(difference):
        return False
    return bool(sympy.simplify(sympy.expand(sympy.powsimp(difference))) == 0)
