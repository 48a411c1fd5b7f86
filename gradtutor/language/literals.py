"""Numbers, lists of numbers and shapes, read without evaluating anything."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import Any

from gradtutor.gates import Dimension, Shape
from gradtutor.language.errors import ArgumentError, LimitError
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

#: What a size or an axis must stay below: a 64-bit machine counts no further.
LARGEST = 2**63
#: A comma between digits, without the blank that follows a comma in a list.
DECIMAL_COMMA = re.compile(r"\b\d+,\d+\b")


@dataclass(frozen=True)
class Literal:
    """A number, or nested lists of numbers, with its shape."""

    value: Any
    shape: Shape


def literal(source: Source, node: ast.expr) -> Literal | None:
    """Read a number or a list of numbers; None when the node is something else.

    Raises
    ------
    ArgumentError
        When the rows of a list differ in length.
    LimitError
        When a whole number is too large for float64.
    """
    match node:
        case ast.Constant(bool()):
            return None
        case ast.Constant(int() | float() as value):
            return Literal(_as_float(source, node, value), ())
        case ast.Name("inf") | ast.Attribute(attr="inf"):
            return Literal(math.inf, ())
        case ast.Call(ast.Name("float"), [ast.Constant("inf" | "-inf" as word)]):
            return Literal(float(word), ())
        case ast.UnaryOp(
            ast.USub(),
            (ast.Constant() | ast.Name() | ast.Attribute() | ast.Call()) as operand,
        ):
            given = literal(source, operand)
            return given and Literal(-given.value, ())
        case ast.List(items) | ast.Tuple(items) if items:
            return _list(source, node, [literal(source, item) for item in items])
    return None


def refuse_decimal_comma(source: Source, node: ast.expr) -> None:
    """Refuse ``x = 1,5``, which Python reads as two numbers, 1 and 5.

    Raises
    ------
    ArgumentError
        Saying how a decimal number and how a list is written.
    """
    if not isinstance(node, ast.Tuple) or source.plain(node).startswith("("):
        return
    match = DECIMAL_COMMA.search(source.plain(node))
    if match and (len(node.elts) == 2 or literal(source, node) is None):
        message = tr("{number} is two numbers here", number=match[0])
        hint = tr(
            "write {number}, or a list in brackets: [1, 5]",
            number=match[0].replace(",", "."),
        )
        raise ArgumentError(message, source.text, source.span(node), hint)


def _as_float(source: Source, node: ast.expr, value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        message = tr("this number is too large for float64")
        hint = tr("write inf for infinity")
        raise LimitError(message, source.text, source.span(node), hint)
    return number


def _list(
    source: Source, node: ast.expr, items: list[Literal | None]
) -> Literal | None:
    rows = [item for item in items if item is not None]
    if len(rows) < len(items):
        return None
    if any(row.shape != rows[0].shape for row in rows):
        message = tr("the rows of this list differ in length")
        raise ArgumentError(message, source.text, source.span(node))
    return Literal([row.value for row in rows], (len(rows), *rows[0].shape))


def read_shape(source: Source, node: ast.expr) -> Shape:
    """Read a shape such as ``(N, 784)``, ``(10,)``, ``10`` or ``()``.

    Raises
    ------
    ArgumentError
        When a size is neither a name nor a positive whole number.
    """
    items = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    return tuple(_size(source, item) for item in items)


def _size(source: Source, item: ast.expr) -> Dimension:
    match item:
        case ast.Name(name):
            return name
        case ast.Constant(int() as size) if 0 < size < LARGEST and size is not True:
            return size
    message = tr("a size is a name or a positive whole number")
    raise ArgumentError(
        message, source.text, source.span(item), tr("as in x: (N, 784)")
    )
