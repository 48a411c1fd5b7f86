"""Find the line of a function that changes one of its arguments in place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradtutor.audit.program.plan import Plan
from gradtutor.audit.program.source import Program

METHODS = {"fill", "sort", "put", "resize", "itemset", "partition"}


def mutating_line(program: Program, plan: Plan, mutated: Sequence[str]) -> int:
    """Return the first line that writes into an argument, or 0."""
    entry = program.functions[
        f"{plan.cls}.{plan.backward}" if plan.cls else plan.backward
    ]
    roles = zip(entry.arguments, plan.backward_arguments, strict=False)
    names = {
        parameter
        for parameter, (role, value) in roles
        if value in mutated or (role == "upstream" and "upstream" in mutated)
    }
    for node in ast.walk(ast.parse(program.text)):
        if isinstance(node, ast.FunctionDef) and node.name == plan.backward:
            return _first(node, names)
    return 0


def _first(function: ast.FunctionDef, names: set[str]) -> int:
    """Follow names through assignments such as ``dz = upstream``, in order."""
    for statement in ast.walk(function):
        if isinstance(statement, ast.stmt):
            match statement:
                case ast.Assign(targets, ast.Name(source)) if source in names:
                    names |= {t.id for t in targets if isinstance(t, ast.Name)}
            if any(name in names for name in _written(statement)):
                return statement.lineno
    return 0


def _written(statement: ast.stmt) -> Iterator[str]:
    """Yield the names of the arrays that a statement writes into."""
    match statement:
        case ast.AugAssign(target=target):
            yield from _base(target)
        case ast.Assign(targets=targets, value=value):
            for one in [t for t in targets if isinstance(t, ast.Subscript)]:
                yield from _base(one)
            yield from _out(value)
        case ast.Expr(ast.Call(ast.Attribute(value, method))) if method in METHODS:
            yield from _base(value)
        case ast.Expr(ast.Call(_, args) as call):  # np.add.at(x, ...) writes into x
            yield from list(_out(call)) or [n for arg in args[:1] for n in _base(arg)]


def _out(value: ast.expr) -> Iterator[str]:
    """Yield the array that a call's result goes into: ``np.exp(x, out=x)``."""
    for keyword in value.keywords if isinstance(value, ast.Call) else ():
        if keyword.arg == "out":
            yield from _base(keyword.value)


def _base(target: ast.expr) -> Iterator[str]:
    base = target
    while isinstance(base, ast.Subscript):
        base = base.value
    if isinstance(base, ast.Name):
        yield base.id
