"""A differentiator whose rules can be broken one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import sympy

from gradtutor.calculus.partials import partial
from gradtutor.calculus.recipe import functions
from gradtutor.gates import GATES, Pointwise
from gradtutor.gates.symbols import ARGUMENTS, OUT

Expr: TypeAlias = sympy.Expr


@dataclass(frozen=True)
class Rules:
    """Which rules of differentiation are followed; by default all."""

    inner: bool = True
    kept: bool = True  # the inner function inside the outer derivative
    product: bool = True
    quotient: bool = True
    power: bool = True
    exponential: bool = True


def differentiate(expression: Expr, x: sympy.Symbol, rules: Rules) -> Expr:
    """Differentiate by the rules that are followed, and by the broken ones."""
    if not expression.has(x):
        return sympy.S.Zero
    if expression == x:
        return sympy.S.One
    kind = KINDS.get(expression.func, _function)
    return kind(expression, x, rules)


def _sum(expression: Expr, x: sympy.Symbol, rules: Rules) -> Expr:
    return sympy.Add(*[differentiate(term, x, rules) for term in expression.args])


def _product(expression: Expr, x: sympy.Symbol, rules: Rules) -> Expr:
    fixed, factors = expression.as_independent(x, as_Add=False)
    above, below = factors.as_numer_denom()
    if below.has(x) and above.has(x) and not rules.quotient:
        up, down = (differentiate(part, x, rules) for part in (above, below))
        return fixed * (above * down - up * below) / below**2
    parts = sympy.Mul.make_args(factors)
    derived = [differentiate(part, x, rules) for part in parts]
    if not rules.product:
        return fixed * sympy.Mul(*derived)
    terms = [
        sympy.Mul(*parts[:n], one, *parts[n + 1 :]) for n, one in enumerate(derived)
    ]
    return fixed * sympy.Add(*terms)


def _power(expression: Expr, x: sympy.Symbol, rules: Rules) -> Expr:
    base, exponent = expression.as_base_exp()
    if exponent.has(x):
        return _exponential(expression, base, exponent, x, rules)
    inside = _inside(base, x, rules)
    outer = exponent * inside ** (exponent - (1 if rules.power else 0))
    return outer * _inner(base, x, rules)


def _exponential(
    expression: Expr, base: Expr, exponent: Expr, x: sympy.Symbol, rules: Rules
) -> Expr:
    if not rules.exponential:
        return exponent * base ** (exponent - 1) * _inner(exponent, x, rules)
    inside = _inside(exponent, x, rules)
    return base**inside * sympy.log(base) * _inner(exponent, x, rules)


def _function(expression: Expr, x: sympy.Symbol, rules: Rules) -> Expr:
    """Differentiate a function by its gate, or by sympy."""
    if isinstance(expression, sympy.exp):
        base, exponent = sympy.E, expression.args[0]
        return _exponential(expression, base, exponent, x, rules)
    gate = GATES.get(functions().get(expression.func, expression.func.__name__))
    if isinstance(gate, Pointwise):
        return _gate(gate, expression, x, rules)
    if len(expression.args) != 1:
        return expression.diff(x)
    (argument,) = expression.args
    outer = expression.func(_inside(argument, x, rules)).fdiff(1)
    return outer * _inner(argument, x, rules)


def _gate(gate: Pointwise, expression: Expr, x: sympy.Symbol, rules: Rules) -> Expr:
    """Differentiate a gate by its partials, one for each argument with the variable."""
    args = [_inside(a, x, rules) if a.has(x) else a for a in expression.args]
    known = dict(zip(ARGUMENTS, args, strict=False)) | {OUT: expression.func(*args)}
    terms = [
        partial(gate.name, place).xreplace(known) * _inner(one, x, rules)
        for place, one in enumerate(expression.args)
        if one.has(x)
    ]
    return sympy.Add(*terms)


def _inner(argument: Expr, x: sympy.Symbol, rules: Rules) -> Expr:
    return differentiate(argument, x, rules) if rules.inner else sympy.S.One


def _inside(argument: Expr, x: sympy.Symbol, rules: Rules) -> Expr:
    """Return what stands inside the outer derivative."""
    plain = rules.kept or argument == x
    return argument if plain else differentiate(argument, x, Rules())


KINDS: dict[type, Callable[[Expr, sympy.Symbol, Rules], Expr]] = {
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.Pow: _power,
}
