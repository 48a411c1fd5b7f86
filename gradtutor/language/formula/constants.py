"""Constant parts of a formula, worked out in float64 without evaluating any text."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from gradtutor.language.formula.walk import post_order
from gradtutor.language.literals import literal
from gradtutor.language.syntax import Source

ARITHMETIC: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
}

#: Names that stand for numbers.
CONSTANTS = {"pi": math.pi, "π": math.pi, "inf": math.inf}


def constant_value(source: Source, root: ast.expr) -> float | None:
    """Work out an expression of numbers in float64; None when a name is in it."""
    values: dict[ast.expr, float] = {}
    for item in post_order(source, root):
        match item:
            case ast.Constant() | ast.UnaryOp(ast.USub(), ast.Constant()):
                given = literal(source, item)
                values[item] = given.value if given else math.nan
            case ast.UnaryOp(op, operand):
                values[item] = values[operand] * (-1 if isinstance(op, ast.USub) else 1)
            case ast.BinOp(left, op, right) if type(op) in ARITHMETIC:
                values[item] = _compute(
                    ARITHMETIC[type(op)], values[left], values[right]
                )
            case _:
                return None
    return values[root]


def _compute(apply: Callable[[float, float], float], a: float, b: float) -> float:
    """Apply an operator to two constants; what float64 cannot hold is infinite."""
    try:
        return apply(a, b)
    except (ArithmeticError, ValueError):
        return math.inf
