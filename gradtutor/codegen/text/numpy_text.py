"""Every gate as NumPy text: from its operator, its formula's recipe, or its own text.

>>> numpy_text("sigmoid"), numpy_text("leaky_relu"), numpy_text("sum", {"axis": 0})
('1 / (1 + np.exp(-a))', 'np.where(a > 0, a, a * b)', 'a.sum(axis=0)')
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gradtutor.calculus.recipe import Operand, Recipe
from gradtutor.calculus.slopes import gate_facts
from gradtutor.gates import COPY, GATES, Pointwise

SYMBOLS = ("a", "b", "c", "d")

#: Constants of the table's formulas that are no short decimals.
NAMED = {
    math.pi: "math.pi",
    math.sqrt(2): "math.sqrt(2)",
    math.sqrt(math.pi): "math.sqrt(math.pi)",
    2 * math.sqrt(math.pi): "2 * math.sqrt(math.pi)",
}


def numpy_text(gate: str, attrs: Mapping[str, Any] | None = None) -> str:
    """Return the NumPy expression of a gate in its arguments ``a``, ``b``, ``c``."""
    if gate == COPY:
        return "a"
    entry = GATES[gate]
    if not isinstance(entry, Pointwise):
        return entry.numpy(attrs or {})
    if entry.infix:
        return f"a {entry.infix} b"
    if entry.prefix:
        return f"{entry.prefix}a"
    if entry.numpy:
        return entry.numpy
    facts = gate_facts(gate)
    return f"np.{gate}(a)" if facts.is_function else recipe_text(facts.recipe)


def recipe_text(steps: Recipe) -> str:
    """Compose the text of a recipe's gates, in the recipe's own symbols."""
    made: list[str] = []

    def text(operand: Operand) -> str:
        if isinstance(operand, int):
            return made[operand]
        return operand if isinstance(operand, str) else number_text(operand)

    for step in steps.steps:
        made += [compose(numpy_text(step.gate), [text(arg) for arg in step.args])]
    return text(steps.answer)


def number_text(value: float) -> str:
    """Write a constant as a person would: 2 for 2.0, and roots by name."""
    if not math.isfinite(value):
        return repr(value).replace("inf", "math.inf").replace("nan", "math.nan")
    return NAMED.get(value) or repr(float(value)).removesuffix(".0")


class _Replace(ast.NodeTransformer):
    """Put argument expressions in the place of a, b and c."""

    def __init__(self, args: Mapping[str, ast.expr]) -> None:
        self.args = args

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.args.get(node.id, node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """Leave minus of minus out: in JavaScript and C ``--x`` subtracts 1."""
        self.generic_visit(node)
        match node:
            case ast.UnaryOp(ast.USub(), ast.UnaryOp(ast.USub(), inner)):
                return inner
        return node


def compose(template: str, args: Sequence[str]) -> str:
    """Fill a template's ``a``, ``b``, ``c`` with texts, parentheses where they are due.

    >>> compose("a * b", ["x + y", "z"])
    '(x + y) * z'
    """
    return fill(template, dict(zip(SYMBOLS, args, strict=False)))


def fill(template: str, names: Mapping[str, str]) -> str:
    """Put texts in the place of names, in an expression or an assignment.

    >>> fill("out[:, 1:] = a", {"a": "x + y", "out": "h"})
    'h[:, 1:] = x + y'
    """
    parsed = {name: ast.parse(text, mode="eval").body for name, text in names.items()}
    filled = _Replace(parsed).visit(ast.parse(template))
    return format_expression(ast.unparse(filled).replace("'", '"'))


def format_expression(text: str) -> str:
    """Write powers of simple operands as ruff format does: x**2, not x ** 2."""
    return re.sub(r"(?<![\w.)\]])([\w.]+) \*\* (-?[\w.]+)(?![\w.(\[])", r"\1**\2", text)
