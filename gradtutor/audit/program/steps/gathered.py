"""What a step gathers: running averages and sums of squares, and roots of these."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from gradtutor.audit.program.naming import is_gradient_name


def is_of_squares(node: ast.expr) -> bool:
    """Whether a sum is one of squares: ``cache += dW ** 2``, ``cache += dW * dW``."""
    match node:
        case ast.BinOp(_, ast.Pow(), ast.Constant(2)):
            return True
        case ast.BinOp(left, ast.Mult(), right):
            return ast.unparse(left) == ast.unparse(right)
        case ast.Call(ast.Attribute(_, "square")):
            return True
    return False


def _set(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name, or attribute of self, with what it is set to, in order."""
    for statement in body:
        for item in ast.walk(statement):
            if isinstance(item, ast.Assign):
                for one in item.targets:
                    for target, value in _pairs(one, item.value):
                        if isinstance(target, ast.Name | ast.Attribute):
                            yield ast.unparse(target), value
            if isinstance(item, ast.AugAssign):
                value = ast.BinOp(item.target, item.op, item.value)
                yield ast.unparse(item.target), value


def made_once(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """Return what each name that is set once is set to."""
    found = list(_set(body))
    names = [name for name, _ in found]
    return {name: value for name, value in found if names.count(name) == 1}


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    match target, value:
        case ast.Tuple(targets), ast.Tuple(values) if len(targets) == len(values):
            return list(zip(targets, values, strict=True))
    return [(target, value)]


def running_averages(body: Sequence[ast.stmt]) -> dict[str, tuple[ast.expr, ast.expr]]:
    """Return the running averages, each with its factor and what is added to it.

    A name is one that is set once, to itself times what no step changes, and more.
    """
    changed = {name for name, _ in _set(body)}
    found = {}
    for name, value in made_once(body).items():
        kept = _kept(name, value)
        if kept and not names_in(kept[0]) & changed and not _is_read_before(name, body):
            found[name] = kept
    return found


def _kept(name: str, value: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """Return c and d of ``n = c * n + d``, with the sign of d."""
    if not isinstance(value, ast.BinOp):
        return None
    left, right = value.left, value.right
    match value.op:
        case ast.Add():
            pairs = [(left, right), (right, left)]
        case ast.Sub():
            pairs = [(left, ast.UnaryOp(ast.USub(), right))]
        case _:
            return None
    for kept, added in pairs:
        match kept:
            case ast.BinOp(one, ast.Mult(), two):
                others = [f for f in (one, two) if ast.unparse(f) != name]
                if len(others) == 1 and name not in names_in(others[0]) | names_in(
                    added
                ):
                    return others[0], added
    return None


def _is_read_before(name: str, body: Sequence[ast.stmt]) -> bool:
    """Whether a step reads a name before it is set, as a parameter is read."""
    nodes = [n for s in body for n in ast.walk(s) if isinstance(n, ast.stmt)]
    places = [n.lineno for n in nodes if name in _targets(n)]
    first = min(places, default=0)
    return any(
        n.lineno < first and ast.unparse(n) == name
        for s in body
        for n in ast.walk(s)
        if isinstance(n, ast.Name | ast.Attribute)
    )


def _targets(statement: ast.stmt) -> set[str]:
    return {name for name, _ in _set([statement])}


def sums_of_squares(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that gather squares of gradients from step to step."""
    return {
        name
        for name, value in _set(body)
        if name in names_in(value)
        and any(isinstance(n, ast.expr) and is_of_squares(n) for n in ast.walk(value))
    }


def names_in(node: ast.expr) -> set[str]:
    """Return the names, and attributes, that a value is written with."""
    return {
        ast.unparse(n)
        for n in ast.walk(node)
        if isinstance(n, ast.Name | ast.Attribute)
    }


def names_behind(value: ast.expr, made: Mapping[str, ast.expr]) -> set[str]:
    """Return the names that a value is worked out with, but behind no gradient."""
    found: set[str] = set()
    wanted = names_in(value)
    while wanted - found:
        name = (wanted - found).pop()
        found.add(name)
        inner = name in made and not is_gradient_name(name)
        wanted |= names_in(made[name]) if inner else set()
    return found


def is_scaled(node: ast.expr, made: Mapping[str, ast.expr], squares: set[str]) -> bool:
    """Whether a step is divided by a root: ``lr * dW / (np.sqrt(cache) + eps)``."""
    return any(
        isinstance(inner, ast.BinOp)
        and isinstance(inner.op, ast.Div)
        and is_root(inner.right, made, squares)
        for inner in ast.walk(node)
    )


def is_root(node: ast.expr, made: Mapping[str, ast.expr], squares: set[str]) -> bool:
    """Whether a divisor is the root of gathered squares, with an epsilon or without."""
    match node:
        case ast.BinOp(left, ast.Add(), right):
            return is_root(left, made, squares) or is_root(right, made, squares)
        case ast.Call(func, [of, *_]) if ast.unparse(func).endswith("sqrt"):
            return bool(names_behind(of, made) & squares)
        case ast.BinOp(of, ast.Pow(), ast.Constant(0.5)):
            return bool(names_behind(of, made) & squares)
        case ast.Name(name) if name in made and name not in squares:
            return is_root(made[name], made, squares)
    return False
