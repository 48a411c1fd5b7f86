"""Names in cuts, bounds and products: what usage of an argument is read off."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def cuts(node: ast.AST) -> Iterator[str]:
    """Yield the names of which a slice is reshaped, in either way of writing it."""
    match node:
        case ast.Call(ast.Attribute(owner, "reshape"), args):
            for part in (owner, *args[:1]):
                match part:
                    case ast.Subscript(ast.Name(name), ast.Slice()):
                        yield name


def bounds(node: ast.AST) -> Iterator[str]:
    """Yield the plain names in a slice's bounds, or in a shape that is asked for."""
    parts: list[ast.expr | None] = []
    match node:
        case ast.Slice(low, high):
            parts = [low, high]
        case ast.Call(ast.Attribute(owner, "reshape"), [*args]):
            parts = [e for a in args if isinstance(a, ast.Tuple) for e in a.elts]
            if len(args) > 1 and ast.unparse(owner) not in ("np", "numpy"):
                parts = [*args]
    for part in parts:
        yield from plain_names(part)


def plain_names(node: ast.expr | None) -> Iterator[str]:
    """Yield the plain names of a bound, and those that it adds to."""
    match node:
        case ast.Name(name):
            yield name
        case ast.BinOp(left, _, right):
            yield from plain_names(left)
            yield from plain_names(right)


#: Functions and methods that are matrix products.
PRODUCTS = ("dot", "matmul", "mm", "bmm", "einsum", "inner", "linear", "tensordot")


def factors(node: ast.AST) -> Iterator[str]:
    """Yield the names in a matrix product, transposed or not."""
    parts: list[ast.expr] = []
    match node:
        case ast.BinOp(a, ast.MatMult(), b):
            parts = [a, b]
        case ast.Call(ast.Attribute(owner, word), args) if word in PRODUCTS:
            parts = [owner, *args]
    for part in parts:
        yield from (n.id for n in ast.walk(part) if isinstance(n, ast.Name))


def listed_keys(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what is read with keys of a list: ``[p[k] for k in ("W1", "b1")]``."""
    pairs: list[tuple[ast.expr, ast.expr]] = []
    match node:
        case ast.ListComp(_, parts) | ast.GeneratorExp(_, parts):
            pairs = [(part.target, part.iter) for part in parts]
        case ast.For(target, iterated):
            pairs = [(target, iterated)]
    for target, iterated in pairs:
        if not isinstance(iterated, ast.Tuple | ast.List):
            continue
        for inner in ast.walk(node):
            match inner:
                case ast.Subscript(ast.Name(name), ast.Name(key)) if key == ast.unparse(
                    target
                ):
                    yield from (
                        (name, item.value)
                        for item in iterated.elts
                        if isinstance(item, ast.Constant)
                        and isinstance(item.value, str)
                    )
