"""A pointwise gate's declared NumPy text as a tree, read once; printers write it.

>>> expression("sigmoid")
Apply(function='divide', args=(Literal(value=1.0), Apply(function='add', args=\
(Literal(value=1.0), Apply(function='exp', args=(Apply(function='negative', args=\
(Argument(name='a'),), helper=False),), helper=False)), helper=False)), helper=False)
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from gradtutor.codegen.text.numpy_text import numpy_text


@dataclass(frozen=True)
class Argument:
    """The gate's argument a, b or c."""

    name: str


@dataclass(frozen=True)
class Literal:
    """A number in the gate's text."""

    value: float


@dataclass(frozen=True)
class Apply:
    """A function of each element: one of NumPy's, or a helper of the script."""

    function: str
    args: tuple[Expression, ...]
    helper: bool = False


Expression: TypeAlias = Argument | Literal | Apply

BINARY: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}


@cache
def expression(gate: str) -> Expression:
    """Return the tree of a pointwise gate."""
    return read_expression(numpy_text(gate))


def read_expression(text: str) -> Expression:
    """Read a NumPy expression of the table, such as a recipe is printed as."""
    return _read(ast.parse(text, mode="eval").body)


def _read(tree: ast.expr) -> Expression:
    match tree:
        case ast.Name(name):
            return Argument(name)
        case ast.Constant(value):
            return Literal(float(value))  # type: ignore[arg-type]
        case ast.UnaryOp(ast.USub(), ast.Constant(value)):
            return Literal(-float(value))  # type: ignore[arg-type]
        case ast.UnaryOp(ast.USub(), operand):
            return Apply("negative", (_read(operand),))
        case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
            return Apply(BINARY[type(op)], (_read(left), _read(right)))
        case ast.Attribute(ast.Name("math"), name):
            return Literal(getattr(math, name))
        case ast.Call(ast.Attribute(ast.Name("math"), name), [arg]):
            inner = _read(arg)
            assert isinstance(inner, Literal)
            return Literal(getattr(math, name)(inner.value))
        case ast.Call(ast.Attribute(ast.Name("np"), name), args):
            return Apply(name, tuple(map(_read, args)))
        case ast.Call(ast.Name(name), args):
            return Apply(name, tuple(map(_read, args)), helper=True)
    raise AssertionError(ast.unparse(tree))


def arguments(tree: Expression) -> Iterator[str]:
    """Yield the arguments' names as often as they stand in a tree."""
    if isinstance(tree, Argument):
        yield tree.name
    elif isinstance(tree, Apply):
        for part in tree.args:
            yield from arguments(part)
