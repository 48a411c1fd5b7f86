"""Which names a file of Python makes, and which it reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def names_used(text: str) -> set[str]:
    """Return all names that are read.

    >>> sorted(names_used("y = g(x) + np.exp(x)"))
    ['g', 'np', 'x']
    """
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Load)}


def names_made(text: str) -> set[str]:
    """Return what a file makes: functions, classes, tables, libraries it may lack.

    >>> sorted(names_made("A, B = 1, 2; f = len"))
    ['A', 'B', 'f']
    """
    return {name for node in ast.parse(text).body for name in _made(node)}


def _made(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name) | ast.ClassDef(name):
            yield name
        case ast.Assign(targets):
            nodes = [one for target in targets for one in ast.walk(target)]
            yield from (one.id for one in nodes if isinstance(one, ast.Name))
        case ast.Try(body):  # libraries that may be missing
            for one in body:
                if isinstance(one, ast.Import | ast.ImportFrom):
                    yield from (alias.asname or alias.name for alias in one.names)
