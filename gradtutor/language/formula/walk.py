"""The whitelist: which pieces of Python are formulas, walked by a loop.

Depth costs no stack; what is not listed here is refused with its place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradtutor.language.errors import NotInLanguageError
from gradtutor.language.formula.arrays import constant_array
from gradtutor.language.formula.functions.calls import read_call
from gradtutor.language.formula.functions.naming import BARS, NO_FORMULA
from gradtutor.language.formula.functions.opening import opened
from gradtutor.language.formula.trees import Beside, Hadamard, Star
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    Beside: "mul",
    Star: "mul",
    Hadamard: "mul",
}


def post_order(source: Source, root: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of an expression, each after its operands.

    Raises
    ------
    NotInLanguageError
        At the first part that is not in the language.
    """
    stack: list[tuple[ast.expr, bool]] = [(root, False)]
    while stack:
        item, ready = stack.pop()
        if ready:
            yield item
        else:
            stack.append((item, True))
            stack.extend((child, False) for child in reversed(_children(source, item)))


def in_brackets(item: ast.List) -> bool:
    """Whether a list is a formula in brackets, as on paper: [x + 1] of [x + 1]^2."""
    match item.elts:
        case [] | [ast.BinOp() | ast.Call()]:
            return True
    return False


def _children(source: Source, item: ast.expr) -> list[ast.expr]:
    inner = opened(source, item)
    if inner is not None:
        return [inner]
    match item:
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            return [left, right]
        case ast.UnaryOp(ast.USub(), ast.Constant()) | ast.Name() | ast.Constant():
            return []
        case ast.UnaryOp(ast.USub() | ast.UAdd(), operand):
            return [operand]
        case ast.Compare(left, [op], [right]) if type(op) in OPERATORS:
            return [left, right]
        case ast.IfExp(test, body, orelse):
            return [test, body, orelse]
        case ast.Attribute(value, "T"):
            return [value]
        case ast.Subscript(value) if not isinstance(value, ast.Constant | ast.List):
            return [value]
        case ast.List(items) if not in_brackets(item):
            return [] if constant_array(source, item) else items
        case ast.Call():
            return [] if constant_array(source, item) else read_call(source, item).args
    message, place, hint = foreign(item)
    raise NotInLanguageError(message, source.text, source.span(place), hint)


def foreign(item: ast.expr) -> tuple[str, ast.expr, str]:
    """Say what a piece of foreign Python is and what to write instead."""
    match item:
        case ast.Subscript():
            return tr(NO_FORMULA), item, tr("an index stands behind a name: x[0]")
        case ast.BoolOp():
            message = tr("and/or join conditions, such as x > 0")
            return message, item, tr("nest where(c, a, b)")
        case ast.Constant(str() | bytes()):
            return (
                tr("text has no place in a formula"),
                item,
                tr("a name needs no quotes"),
            )
        case ast.Constant(value):
            return tr("{value!r} is not a real number", value=value), item, ""
        case ast.BinOp(_, ast.BitOr(), _):
            return tr(BARS), item, tr("use + - * / ^ @")
        case ast.BinOp(_, op, _):
            sign = type(op).__name__
            return (
                tr("the operator {sign} is not in the language", sign=sign),
                item,
                tr("use + - * / ^ @"),
            )
        case ast.Attribute(_, attr):
            return (
                tr(".{attr} is not in the language", attr=attr),
                item,
                tr("only .T, the transpose, is"),
            )
        case ast.List() | ast.Tuple():
            return (
                tr(NO_FORMULA),
                item,
                tr("give it a name: W = [[1, 2], [3, 4]]"),
            )
    return (
        tr("{kind} is not in the language", kind=type(item).__name__),
        item,
        tr("write plain formulas"),
    )
