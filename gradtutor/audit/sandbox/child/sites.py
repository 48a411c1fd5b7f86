"""What is recorded of an expression of a person's code: operation, text, place."""

from __future__ import annotations

import ast
from typing import Any

LONGEST_TEXT = 80


def described(node: ast.expr) -> dict[str, Any]:
    """Return an expression's operation, name, text, line, span, axis and keepdims.

    >>> found = described(ast.parse("np.max(x, 1)", mode="eval").body)
    >>> found["op"], found["axis"], found["keepdims"]
    ('max', 1, False)
    """
    return {
        "op": _operation(node),
        "name": _name(node),
        "text": ast.unparse(node)[:LONGEST_TEXT],
        "line": node.lineno,
        "span": (node.lineno, node.col_offset, node.end_col_offset),
        **_reduction(node),
    }


def _operation(node: ast.expr) -> str:
    match node:
        case ast.BinOp(_, op, _) | ast.UnaryOp(op, _):
            return type(op).__name__
        case ast.Call(ast.Name(name), _, _) | ast.Call(ast.Attribute(_, name), _, _):
            return name
        case (
            ast.Name()
            | ast.Attribute(ast.Name("self"), _)
            | ast.Subscript(_, ast.Constant(str()))
        ):
            return "name"
        case ast.Attribute(_, name):
            return name
    return type(node).__name__


def _name(node: ast.expr) -> str:
    return ast.unparse(node) if _operation(node) == "name" else ""


def _reduction(node: ast.expr) -> dict[str, Any]:
    """Return axis and keepdims of ``x.max(axis=1)`` and ``np.max(x, 1)``."""
    if not isinstance(node, ast.Call):
        return {"axis": None, "keepdims": False}
    given: dict[str, Any] = {"axis": None, "keepdims": False}
    method = isinstance(node.func, ast.Attribute) and not isinstance(
        node.func.value, ast.Name
    )
    for arg in [*node.args[0 if method else 1 :][:1], *node.keywords]:
        name = arg.arg if isinstance(arg, ast.keyword) else "axis"
        value = arg.value if isinstance(arg, ast.keyword) else arg
        if name in given:
            try:
                given[name] = ast.literal_eval(value)
            except (ValueError, TypeError):
                given[name] = None
    return given
