"""A sympy expression as a recipe: the short list of gates that computes it.

The partial of every gate becomes gates this way, so a gradient is a graph of the same
kind as the formula, and can be drawn, evaluated and differentiated again.

>>> from gradtutor.gates.symbols import ARGUMENTS
>>> for step in recipe(1 / (1 + sympy.exp(-ARGUMENTS[0]))).steps:
...     print(step.gate, *step.args)
neg a
exp 0
add 1.0 1
div 1.0 2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gradtutor.deferred import sympy
from gradtutor.gates import GATES, Pointwise, Tape

#: An operand of a step: a symbol's name, a number, or the position of an earlier step.
Operand = str | float | int


@dataclass(frozen=True)
class Step:
    """One gate of a recipe and its operands."""

    gate: str
    args: tuple[Operand, ...]


@dataclass(frozen=True)
class Recipe:
    """Steps in order, and the operand that is the answer."""

    steps: tuple[Step, ...]
    answer: Operand


@cache
def functions() -> dict[type, str]:
    """Return sympy's own functions that are gates by themselves, read off the table."""
    from gradtutor.gates.symbols import ARGUMENTS

    return {
        type(gate.formula): gate.name
        for gate in GATES.values()
        if isinstance(gate, Pointwise)
        and isinstance(gate.formula, sympy.Function)
        and gate.formula.args == ARGUMENTS[: len(gate.formula.args)]
    }


@cache
def relations() -> dict[type, str]:
    """Return the gate of each comparison of sympy's."""
    return {
        sympy.StrictGreaterThan: "greater",
        sympy.GreaterThan: "greater_equal",
        sympy.StrictLessThan: "less",
        sympy.LessThan: "less_equal",
        sympy.Equality: "equal",
        sympy.Unequality: "not_equal",
    }


@cache
def recipe(expression: sympy.Basic) -> Recipe:
    """Return the gates that compute a sympy expression, equal parts once.

    Raises
    ------
    NotImplementedError
        When the expression has a function that is no gate.
    """
    writer = _Writer()
    answer = writer.write(expression)
    return Recipe(tuple(writer.steps), answer)


class _Writer:
    """Collects steps; the expressions of the table are small, so it may recurse."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.known: dict[sympy.Basic, Operand] = {}

    def write(self, expression: sympy.Basic) -> Operand:
        """Return where an expression's value is; its steps are written once."""
        if expression not in self.known:
            self.known[expression] = self._write(expression)
        return self.known[expression]

    def step(self, gate: str, *args: Operand) -> int:
        self.steps.append(Step(gate, args))
        return len(self.steps) - 1

    def _write(self, e: sympy.Basic) -> Operand:
        if isinstance(e, sympy.Symbol):
            return str(e)
        if e.is_number:
            return float(e)
        if isinstance(e, sympy.core.function.AppliedUndef):
            return self.step(e.func.__name__, *map(self.write, e.args))
        gate = functions().get(type(e)) or relations().get(type(e))
        if gate:
            return self.step(gate, *map(self.write, e.args))
        if isinstance(e, sympy.Add):
            return self._sum(e)
        if isinstance(e, sympy.Mul):
            return self._product(e)
        if isinstance(e, sympy.Pow):
            return self._power(e)
        if isinstance(e, sympy.Piecewise):
            return self._branches(e)
        raise NotImplementedError(f"{type(e).__name__} is no gate")

    def _sum(self, e: sympy.Add) -> Operand:
        """Write a + b - c left to right, negative terms last."""
        signed = [
            (term.could_extract_minus_sign(), term) for term in e.as_ordered_terms()
        ]
        signed.sort(key=lambda pair: (pair[0], not pair[1].is_number))
        (_, first), *rest = signed
        total = self.write(first)
        for negative, term in rest:
            gate, part = ("sub", -term) if negative else ("add", term)
            total = self.step(gate, total, self.write(part))
        return total

    def _product(self, e: sympy.Mul) -> Operand:
        """Write numbers · gradient · slopes / denominators, with a sign in front."""
        if e.could_extract_minus_sign():
            return self.step("neg", self.write(-e))
        number, factors = e.as_coeff_mul()
        above, below = [sympy.Integer(number.p)], [sympy.Integer(number.q)]
        for factor in factors:
            inverse = factor.is_Pow and factor.exp.is_number and factor.exp < 0
            (below if inverse else above).append(1 / factor if inverse else factor)
        result, divisor = self._times(above), self._times(below)
        plain = isinstance(divisor, float) and divisor == 1.0
        return result if plain else self.step("div", result, divisor)

    def _times(self, factors: list[sympy.Expr]) -> Operand:
        number = float(sympy.Mul(*(factor for factor in factors if factor.is_number)))
        rest = [factor for factor in factors if not factor.is_number]
        rest.sort(key=_upstream_first)
        operands = [number] * (number != 1.0 or not rest) + [
            self.write(r) for r in rest
        ]
        result, *others = operands
        for operand in others:
            result = self.step("mul", result, operand)
        return result

    def _power(self, e: sympy.Pow) -> Operand:
        base, exponent = e.as_base_exp()
        if e.exp == sympy.S.Half:
            return self.step("sqrt", self.write(e.base))
        if e.exp.could_extract_minus_sign():
            return self.step("div", 1.0, self.write(e.base ** (-e.exp)))
        return self.step("pow", self.write(base), self.write(exponent))

    def _branches(self, e: sympy.Piecewise) -> Operand:
        *choices, (otherwise, condition) = e.args
        if condition != sympy.true:
            raise NotImplementedError("a Piecewise needs a last branch for all else")
        result = self.write(otherwise)
        for value, decides in reversed(choices):
            result = self.step(
                "where", self._decision(decides), self.write(value), result
            )
        return result

    def _decision(self, condition: sympy.Basic) -> Operand:
        """Write a condition; where() itself asks whether a number is not zero."""
        if isinstance(condition, sympy.Unequality) and condition.rhs == 0:
            condition = condition.lhs
        return self.write(condition)


def _upstream_first(factor: sympy.Expr) -> tuple[bool, Any]:
    from gradtutor.gates.symbols import UPSTREAM

    return factor != UPSTREAM, sympy.default_sort_key(factor)


def follow(tape: Tape, steps: Recipe, bindings: Mapping[str, str]) -> str:
    """Append a recipe's gates, its symbols bound to nodes; return the answer."""
    made: list[str] = []

    def node(operand: Operand) -> str:
        if isinstance(operand, str):
            return bindings[operand]
        return made[operand] if isinstance(operand, int) else tape.number(operand)

    for step in steps.steps:
        made += [tape.gate(step.gate, *map(node, step.args))]
    return node(steps.answer)
