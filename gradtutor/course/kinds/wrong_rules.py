"""Wrong rules of differentiation: what a known misunderstanding makes of a formula.

>>> derive("no-inner-derivative", "sin(x**2)", "x", "2*x*cos(x**2)")
['cos(x**2)']
>>> derive("product-of-derivatives", "x**2*sin(x)", "x", "")
['2*x*cos(x)']
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from typing import TypeAlias

import sympy
from sympy.integrals.manualintegrate import manualintegrate

from gradtutor.calculus.closed_form import closed_form, expression_string
from gradtutor.calculus.partials import partial
from gradtutor.calculus.recipe import functions
from gradtutor.gates import GATES, Pointwise
from gradtutor.gates.symbols import ARGUMENTS, OUT
from gradtutor.graph import Graph
from gradtutor.language import parse_formula
from gradtutor.messages import tr

Expr: TypeAlias = sympy.Expr


class NoRuleError(ValueError):
    """A wrong rule that says nothing about this formula."""


# ---- a differentiator whose rules can be broken one by one ----


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


# ---- the wrong rules ----


@dataclass(frozen=True)
class Case:
    """A formula, the variable, and the right derivative's text."""

    graph: Graph
    formula: Expr
    x: sympy.Symbol
    answer: str

    @property
    def right(self) -> Expr:
        """The right answer as an expression."""
        return _expression(self.answer)


def _expression(text: str) -> Expr:
    graph = parse_formula(text)
    found = closed_form(graph, graph.graph["output"])
    if found is None:
        raise NoRuleError(tr("too large, or made of tensors"))
    return found


def _breaking(name: str) -> Callable[[Case], list[Expr]]:
    """Return the rule that differentiates with one rule broken."""
    rules = replace(Rules(), **{name: False})
    return lambda case: [differentiate(case.formula, case.x, rules)]


def _integrated(case: Case) -> list[Expr]:
    found = manualintegrate(case.formula, case.x)
    if found.has(sympy.Integral):
        raise NoRuleError(tr("there is no simple integral: write answer = ..."))
    return [found]


def _occurrences(case: Case) -> tuple[Expr, list[sympy.Symbol]]:
    """Give each place where the variable is used a name of its own."""
    fresh: list[sympy.Symbol] = []
    numbers = count(1)

    def renamed(expression: Expr) -> Expr:
        if expression == case.x:
            fresh.append(sympy.Symbol(f"{case.x}_{next(numbers)}", real=True))
            return fresh[-1]
        if not expression.has(case.x):
            return expression
        return expression.func(*[renamed(part) for part in expression.args])

    return renamed(case.formula), fresh


def _overwritten(case: Case) -> list[Expr]:
    """Keep the gradient of one path only, whichever was written last."""
    formula, fresh = _occurrences(case)
    if len(fresh) < 2:
        raise NoRuleError(tr("{x} is used in one place only", x=case.x))
    back = dict.fromkeys(fresh, case.x)
    return [differentiate(formula, one, Rules()).xreplace(back) for one in fresh]


def _local_only(case: Case) -> list[Expr]:
    """Differentiate only the gate that reads the variable."""
    if case.formula == case.x:
        raise NoRuleError(tr("there is no gate"))
    found = [
        differentiate(part, case.x, Rules())
        for part in sympy.preorder_traversal(case.formula)
        if part != case.formula and case.x in part.args
    ]
    if not found:
        raise NoRuleError(tr("the gate that reads the variable is the last"))
    return found


#: By name; each returns the wrong answers it can lead to.
RULES: dict[str, Callable[[Case], list[Expr]]] = {
    "sign": lambda case: [-case.right],
    "reciprocal": lambda case: [1 / case.right],
    "integrated": _integrated,
    "undifferentiated": lambda case: [case.formula],
    "no-inner-derivative": _breaking("inner"),
    "inner-derived-twice": _breaking("kept"),
    "product-of-derivatives": _breaking("product"),
    "quotient-order": _breaking("quotient"),
    "power-kept": _breaking("power"),
    "exponential-as-power": _breaking("exponential"),
    "local-only": _local_only,
    "overwritten": _overwritten,
}
#: Those that need the right answer only.
FROM_ANSWER = ("sign", "reciprocal")


@lru_cache(maxsize=1024)
def derive(rule: str, of: str, wrt: str, answer: str) -> list[str]:
    """Return the wrong answers that a rule makes, as texts in our language.

    Parameters
    ----------
    of : str
        The formula that is differentiated.
    wrt : str
        The variable.
    answer : str
        The right answer.

    Raises
    ------
    NoRuleError
        When the rule says nothing about this formula.
    """
    text = answer if rule in FROM_ANSWER else of
    graph = parse_formula(text)
    formula = _expression(text)
    case = Case(graph, formula, sympy.Symbol(wrt, real=True), answer)
    return list(dict.fromkeys(_text(one) for one in RULES[rule](case)))


def _text(expression: Expr) -> str:
    """Write an expression in our language, if it can be said there.

    Raises
    ------
    NoRuleError
        As of the integral of sin(x²), which needs functions that we do not have.
    """
    called = {
        functions().get(type(one), one.func.__name__)
        for one in expression.atoms(sympy.Function)
    }
    foreign = called - set(GATES) - {"Max", "Min", "Abs", "Piecewise"}
    if foreign or expression.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I):
        raise NoRuleError(tr("it leads out of the language: write answer = ..."))
    return expression_string(expression)
