"""Statements that report what the statement before them has written."""

from __future__ import annotations

import ast
import copy

AFTER = "__gradtutor_after__"


def call(name: str, args: list[ast.expr], like: ast.expr) -> ast.expr:
    """Return a call of one of our functions, at the place of the person's code."""
    made = ast.Call(ast.Name(name, ast.Load()), args, [])
    for item in (made, made.func, *args[:1]):
        ast.copy_location(item, like)
    return made


def reports(target: ast.expr, statement: ast.stmt) -> list[ast.stmt]:
    """Return statements that report what an assignment has just written."""
    match target:
        case ast.Tuple(elements) | ast.List(elements):
            return [r for element in elements for r in reports(element, statement)]
        case ast.Starred():
            return []
        case ast.Subscript(value, slice) if not (
            isinstance(slice, ast.Constant) and isinstance(slice.value, str)
        ):
            whole = reports(value, statement)  # dx[i] = ...: the whole dx
            return [_with_element(one, target) for one in whole]
    if any(isinstance(item, ast.Call) for item in ast.walk(target)):
        return []
    loaded = copy.deepcopy(target)
    loaded.ctx = ast.Load()  # type: ignore[attr-defined]
    name = ast.unparse(target)
    arguments = [ast.Constant(statement.lineno), ast.Constant(name), loaded]
    return [ast.copy_location(ast.Expr(call(AFTER, arguments, target)), statement)]


def _with_element(report: ast.stmt, target: ast.expr) -> ast.stmt:
    """Let a report of a list have the element that was set, too."""
    if any(isinstance(item, ast.Call) for item in ast.walk(target)):
        return report
    loaded = copy.deepcopy(target)
    loaded.ctx = ast.Load()  # type: ignore[attr-defined]
    arguments = report.value.args  # type: ignore[attr-defined]
    if len(arguments) == 3:
        arguments.append(loaded)
    return report


def written(statement: ast.Expr) -> list[ast.stmt]:
    """Report what ``np.add.at(dx, ...)`` and ``np.multiply(a, b, out=dz)`` write."""
    if not isinstance(statement.value, ast.Call):
        return []
    args, keywords = statement.value.args, statement.value.keywords
    into = [item.value for item in keywords if item.arg == "out"] or args[:1]
    found = [
        report
        for target in into
        if isinstance(target, ast.Name)
        for report in reports(ast.Name(target.id, ast.Store()), statement)
    ]
    return found or [looked(statement)]


def looked(statement: ast.stmt) -> ast.stmt:
    """Return a statement that only lets the recorder look at what it watches."""
    arguments: list[ast.expr] = [
        ast.Constant(statement.lineno),
        ast.Constant(""),
        ast.Constant(None),
    ]
    made = call(
        AFTER, arguments, ast.Constant(None, lineno=statement.lineno, col_offset=0)
    )
    return ast.copy_location(ast.Expr(made), statement)
