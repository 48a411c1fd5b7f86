"""Quotients and numbers as a textbook writes them: one bar, √π rather than 1.772.

>>> x = sympy.Symbol("x", real=True)
>>> quotient((1 - 2 * x**2 / (x**2 + 1)) / (x**2 + 1))
(1 - x**2)/(x**2 + 1)**2
"""

from __future__ import annotations

import sympy

PI, TWO = sympy.pi, sympy.Integer(2)
#: Numbers that gates have in decimals, and what they are.
NUMBERS = (
    *(2 / sympy.sqrt(PI), 1 / sympy.sqrt(PI), sympy.sqrt(2 / PI)),
    *(1 / sympy.sqrt(2 * PI), sympy.sqrt(2 * PI), sympy.sqrt(PI), 1 / (2 * PI)),
    *(sympy.sqrt(TWO), 1 / sympy.sqrt(TWO), 1 / sympy.log(2), sympy.log(2), PI),
)
CLOSE = 1e-15
#: Largest expression whose bars are joined.
MOST = 40
#: How much longer the form with one bar may be than that with bars inside bars.
LONGER = 1.3


def whole_numbers(expression: sympy.Expr) -> sympy.Expr:
    """Write 3.0 as 3."""
    floats = [one for one in expression.atoms(sympy.Float) if float(one).is_integer()]
    return expression.xreplace({one: sympy.Integer(int(one)) for one in floats})


def named_numbers(expression: sympy.Expr) -> sympy.Expr:
    """Write 1.1283791670955126 as 2/sqrt(pi)."""
    known = {
        number: exact
        for number in expression.atoms(sympy.Float)
        for exact in NUMBERS
        if abs(float(number) / float(exact) - 1) < CLOSE
    }
    named = expression.xreplace(known)
    halves = {half: sympy.Rational(1, 2) for half in named.atoms(sympy.Float)}
    halves = {one: half for one, half in halves.items() if float(one) == 0.5}
    return named.xreplace(halves) if known else expression


def quotient(expression: sympy.Expr) -> sympy.Expr:
    """Return an expression with one bar, its numerator multiplied out."""
    together = sympy.together(expression, deep=True)
    above, below = sympy.fraction(together)
    above = sympy.expand(above)
    squares = {one: 1 - sympy.sin(one.base.args[0]) ** 2 for one in _cosines(above)}
    without = sympy.expand(above.xreplace(squares))
    above = min(above, without, key=sympy.count_ops)
    return sympy.Mul(above, sympy.Pow(below, -1))


def _cosines(expression: sympy.Expr) -> list[sympy.Expr]:
    return [
        one
        for one in expression.atoms(sympy.Pow)
        if isinstance(one.base, sympy.cos) and one.exp == 2
    ]


def has_bars_in_bars(expression: sympy.Expr) -> bool:
    """Whether a fraction stands in a fraction, as in (1 - x/(x + 1))/(x + 1)."""
    if int(sympy.count_ops(expression)) > MOST:
        return False
    fractions = [
        one
        for one in sympy.preorder_traversal(expression)
        if one.is_Mul and any(map(_is_below, one.args))
    ]
    powers = [one for one in sympy.preorder_traversal(expression) if _is_below(one)]
    sums = [arg for one in fractions for arg in one.args if arg.is_Add]
    below = [one.base for one in powers]
    cotangent = expression.is_Add and any(
        isinstance(one.base, sympy.sin) for one in powers
    )
    return cotangent or any(map(_holds_bar, [*sums, *below]))


def has_root_below(expression: sympy.Expr) -> bool:
    """Whether a sum has a term over a root: √(1 - x²) - x²/√(1 - x²)."""
    if not expression.is_Add or int(sympy.count_ops(expression)) > MOST:
        return False
    factors = [one for term in expression.args for one in sympy.Mul.make_args(term)]
    return any(one.is_Pow and one.exp == sympy.Rational(-1, 2) for one in factors)


def _is_below(part: sympy.Basic) -> bool:
    return bool(part.is_Pow and part.exp.is_number and part.exp.is_negative)


def _holds_bar(part: sympy.Basic) -> bool:
    """Whether a bar stands in a part: x/(x + 1), x**2/4."""
    return any(
        _is_below(one) or (one.is_Rational and one.q > 1 and not one.is_Integer)
        for one in sympy.preorder_traversal(part)
        if not (one.is_Pow and one.exp.is_Rational and one.exp.is_positive)
        and not (one is part and one.is_Rational)
    ) and any(one.is_Add for one in sympy.preorder_traversal(part))
