r"""Steps by a momentum or by averages of gradients: the gradient behind them.

>>> body = ast.parse("v = mu * v - lr * dW\nW += v").body
>>> behind(body[1].value, body)
('dW', -1)
>>> body = ast.parse("m = b * m + (1 - b) * dW\nh = m / (1 - b ** t)").body
>>> behind(ast.parse("lr * h / (np.sqrt(s) + eps)").body[0].value, body)
('dW', 1)
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from gradtutor.audit.program.naming import is_gradient_name

Term = tuple[str, int]


def behind(value: ast.expr, body: Sequence[ast.stmt]) -> Term | None:
    """Return the gradient that a step is made of, and its sign in the step.

    None where a step is a multiple of the gradient itself: there is nothing behind it.
    """
    made = _made(body)
    averages = {n for n, v in made.items() if n in _names(v)}
    if not (averages & _reached(value, made) or _is_scaled(value)):
        return None
    return _term(value, made, averages, frozenset())


def is_of_squares(node: ast.expr) -> bool:
    """Whether a sum is one of squares: ``cache += dW ** 2``, ``cache += dW * dW``."""
    match node:
        case ast.BinOp(_, ast.Pow(), ast.Constant(2)):
            return True
        case ast.BinOp(left, ast.Mult(), right):
            return ast.unparse(left) == ast.unparse(right)
    return False


def averages_of(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that are set from what they were, by way of a gradient."""
    made = _made(body)
    return {
        name
        for name, value in made.items()
        if name in _names(value)
        and any(map(is_gradient_name, _names(value)))
        and _term(ast.Name(name), made, {name}, frozenset())
    }


def _made(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """Return what each name, or attribute of self, is set to last."""
    return {
        ast.unparse(target): value
        for statement in body
        for item in ast.walk(statement)
        if isinstance(item, ast.Assign)
        for one in item.targets
        for target, value in _pairs(one, item.value)
        if isinstance(target, ast.Name | ast.Attribute)
    }


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    match target, value:
        case ast.Tuple(targets), ast.Tuple(values) if len(targets) == len(values):
            return list(zip(targets, values, strict=True))
    return [(target, value)]


def _names(node: ast.expr) -> set[str]:
    return {
        ast.unparse(n)
        for n in ast.walk(node)
        if isinstance(n, ast.Name | ast.Attribute)
    }


def _reached(value: ast.expr, made: Mapping[str, ast.expr]) -> set[str]:
    """Return the names that a value is worked out with, but behind no gradient."""
    found: set[str] = set()
    wanted = _names(value)
    while wanted - found:
        name = (wanted - found).pop()
        found.add(name)
        inner = name in made and not is_gradient_name(name)
        wanted |= _names(made[name]) if inner else set()
    return found


def _is_scaled(node: ast.expr) -> bool:
    """Whether a step is divided by a root: ``lr * dW / (np.sqrt(cache) + eps)``."""
    return any(
        isinstance(inner, ast.BinOp)
        and isinstance(inner.op, ast.Div)
        and any(
            isinstance(n, ast.Call) and ast.unparse(n.func).endswith("sqrt")
            for n in ast.walk(inner.right)
        )
        for inner in ast.walk(node)
    )


def _term(
    node: ast.expr,
    made: Mapping[str, ast.expr],
    averages: set[str],
    seen: frozenset[str],
) -> Term | None:
    """Return the one gradient that a sum or a product is made of, with its sign."""

    def inner(of: ast.expr) -> Term | None:
        return _term(of, made, averages, seen)

    match node:
        case ast.Name() | ast.Attribute():
            name = ast.unparse(node)
            if name not in averages and is_gradient_name(name):
                return name, 1
            if name in seen or name not in made:
                return None
            return _term(made[name], made, averages, seen | {name})
        case ast.UnaryOp(ast.USub(), of):
            found = inner(of)
            return (found[0], -found[1]) if found else None
        case ast.BinOp(left, ast.Div(), _):
            return inner(left)
        case ast.BinOp(_, ast.Mult() | ast.Add() | ast.Sub()):
            return _only(node, inner)
    return None


def _only(node: ast.BinOp, inner: Callable[[ast.expr], Term | None]) -> Term | None:
    less = -1 if isinstance(node.op, ast.Sub) else 1
    parts = ((inner(node.left), 1), (inner(node.right), less))
    found = {(term[0], sign * term[1]) for term, sign in parts if term}
    return found.pop() if len(found) == 1 else None
