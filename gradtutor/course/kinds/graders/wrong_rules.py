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

import sympy
from sympy.integrals.manualintegrate import manualintegrate

from gradtutor.calculus.closed_form import closed_form, expression_string
from gradtutor.calculus.recipe import functions
from gradtutor.course.kinds.graders.broken_differentiation import (
    Expr,
    Rules,
    differentiate,
)
from gradtutor.gates import GATES
from gradtutor.graph import Graph
from gradtutor.language import parse_formula
from gradtutor.messages import tr


class NoRuleError(ValueError):
    """A wrong rule that says nothing about this formula."""


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
