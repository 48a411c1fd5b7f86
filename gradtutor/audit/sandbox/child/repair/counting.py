"""What counts in a function: loops' counters, numbers of examples, labels."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

LENGTH = re.compile(r"len\(\w+\)|\w+\.shape\[[01]\]")


def counters(function: ast.FunctionDef) -> Iterator[str]:
    """Yield what loops count by."""
    for node in ast.walk(function):
        match node:
            case ast.For(ast.Name(name), ast.Call(ast.Name("range" | "reversed"))):
                yield name


def lengths(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """Return what is divided by that counts examples: len(dout), x.shape[0]."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(function):
        match node:
            case (
                ast.BinOp(op=ast.Div(), right=count)
                | ast.AugAssign(op=ast.Div(), value=count)
            ) if LENGTH.fullmatch(ast.unparse(count)):
                found.setdefault(ast.unparse(count), count)
    return found


def labels_of(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """Return the label of one example that picks a score: ``y[i]`` in ``p[y[i]]``."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(function):
        match node:
            case ast.Subscript(_, ast.Subscript(ast.Name(), ast.Name()) as label):
                found.setdefault(ast.unparse(label), label)
    return found
