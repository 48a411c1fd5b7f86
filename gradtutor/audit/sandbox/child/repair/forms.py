"""Edits of forms: a slope of another function, an order of parts, another function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.repair.atoms import Atoms, is_atom
from gradtutor.audit.sandbox.child.repair.kinds import (
    INNER,
    MEAN,
    PATH,
    PRODUCTS,
    SWAPPED,
    TABLE,
    TURN,
    Made,
)

JOINS = ("concatenate", "hstack", "vstack", "column_stack", "append", "cat")
MOST_PARTS = 8
#: What a factor stays a factor in.
LINEAR = ("sum", "mean", "dot", "outer", "matmul", "einsum", "multiply", "add", "at")
ONE, TWO = ast.Constant(1), ast.Constant(2)


# ---- slopes ----


def of_slope(node: ast.BinOp) -> Made:
    """Yield ``1 - a**2`` for ``a * (1 - a)``, and the other way round."""
    match node:
        case ast.BinOp(ast.Constant(1), ast.Sub(), inner):
            squared = _squared(inner)
            if squared is not None:
                yield TABLE, 2, _logistic(squared)
            elif is_atom(inner):
                yield TABLE, 2, _logistic(inner)
        case ast.BinOp(left, ast.Mult(), right):
            for one, other in ((left, right), (right, left)):
                if _is_rest(one, other):
                    yield TABLE, 2, _hyperbolic(other)
            match left:
                case ast.BinOp(first, ast.Mult(), last) if _is_rest(right, last):
                    yield TABLE, 2, ast.BinOp(first, ast.Mult(), _hyperbolic(last))


def _squared(node: ast.expr) -> ast.expr | None:
    """Return a of ``a**2``, ``a * a`` and ``np.square(a)``."""
    match node:
        case ast.BinOp(inner, ast.Pow(), ast.Constant(2)):
            return inner
        case ast.BinOp(inner, ast.Mult(), same) if ast.dump(inner) == ast.dump(same):
            return inner
        case ast.Call(ast.Attribute(_, "square"), [inner]):
            return inner
        case ast.Call(ast.Attribute(_, "power"), [inner, ast.Constant(2)]):
            return inner
    return None


def _is_rest(node: ast.expr, of: ast.expr) -> bool:
    """Whether a node is ``1 - a``."""
    match node:
        case ast.BinOp(ast.Constant(1), ast.Sub(), inner):
            return ast.dump(inner) == ast.dump(of)
    return False


def _logistic(of: ast.expr) -> ast.expr:
    return ast.BinOp(of, ast.Mult(), ast.BinOp(ONE, ast.Sub(), of))


def _hyperbolic(of: ast.expr) -> ast.expr:
    return ast.BinOp(ONE, ast.Sub(), ast.BinOp(of, ast.Pow(), TWO))


# ---- arguments ----


def of_arguments(node: ast.Call, atoms: Atoms) -> Made:
    """Yield a call of another function, of parts in another order, of other bounds."""
    match node.func:
        case ast.Name("range"):
            yield from _of_bounds(node)
        case ast.Name(name) if len(node.args) == 1 and name in atoms.functions:
            for other in atoms.functions:
                if other != name:
                    function = ast.Name(other, ast.Load())
                    yield TABLE, 1, ast.Call(function, node.args, node.keywords)
        case ast.Attribute(_, name) if name in PRODUCTS or name == "sum":
            for count in atoms.counts:
                yield MEAN, 2.8, ast.BinOp(node, ast.Div(), count)
        case ast.Attribute(_, "where") if len(node.args) == 3:
            yield from _of_branches(node, atoms)
        case ast.Attribute(of, "reshape") if is_atom(of):
            value: Any = atoms.seen.get(ast.unparse(of), 0.0)
            for axes in permutations(range(np.ndim(value))):
                places = ast.parse(repr(axes), mode="eval").body
                moved = ast.Attribute(of, "transpose", ast.Load())
                turned = ast.Call(moved, [places], [])
                shaped = ast.Attribute(turned, "reshape", ast.Load())
                yield TURN, 2, ast.Call(shaped, node.args, node.keywords)
        case ast.Attribute(_, name) if name in JOINS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Tuple | ast.List):
                for order in _orders(first.elts):
                    parts = type(first)(order, ast.Load())
                    args = [parts, *node.args[1:]]
                    yield SWAPPED, 1, ast.Call(node.func, args, node.keywords)


def _orders(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield some other orders: two exchanged, or a part moved from end to end."""
    if not 2 <= len(items) <= MOST_PARTS:
        return
    for i, j in combinations(range(len(items)), 2):
        order = list(items)
        order[i], order[j] = order[j], order[i]
        yield order
    for cut in range(1, len(items)):
        if len(items) > 2:
            yield [*items[cut:], *items[:cut]]


def of_parts(node: ast.Subscript) -> Made:
    """Yield ``np.r_[b, a]`` for ``np.r_[a, b]``."""
    match node:
        case ast.Subscript(ast.Attribute(_, "r_" | "c_"), ast.Tuple(items)):
            for order in _orders(items):
                parts = ast.Tuple(order, ast.Load())
                yield SWAPPED, 1, ast.Subscript(node.value, parts, ast.Load())


def _of_branches(node: ast.Call, atoms: Atoms) -> Made:
    """Yield a branch with a factor, a single number, that it lacks."""
    for place in (1, 2):
        for factor in atoms.numbers:
            args = list(node.args)
            args[place] = ast.BinOp(factor, ast.Mult(), args[place])
            yield INNER, 3, ast.Call(node.func, args, node.keywords)


def _of_bounds(node: ast.Call) -> Made:
    """Yield a loop with one round more at an end."""
    for place, bound in enumerate(node.args[:2]):
        for other in _neighbours(bound):
            args = [other if i == place else a for i, a in enumerate(node.args)]
            yield PATH, 2, ast.Call(node.func, args, [])


def _neighbours(bound: ast.expr) -> Iterator[ast.expr]:
    match bound:
        case ast.Constant(int(value)):
            yield ast.Constant(value - 1)
            yield ast.Constant(value + 1)
        case ast.BinOp(inner, ast.Add() | ast.Sub(), ast.Constant(1)):
            yield inner
        case _:
            yield ast.BinOp(bound, ast.Add(), ONE)
            yield ast.BinOp(bound, ast.Sub(), ONE)


# ---- factors ----


def is_factor(statement: ast.stmt, node: ast.expr) -> bool:
    """Whether a node is one factor of what a statement computes, in no function."""
    value = getattr(statement, "value", None)
    return isinstance(value, ast.expr) and any(one is node for one in _factors(value))


def _factors(value: ast.expr) -> Iterator[ast.expr]:
    yield value
    match value:
        case ast.BinOp(ast.Constant(), ast.Sub() | ast.Add()):
            return
        case ast.BinOp(left, op, right) if not isinstance(op, ast.Pow):
            yield from _factors(left)
            yield from _factors(right)
        case ast.UnaryOp(_, inner) | ast.Attribute(inner, "T"):
            yield from _factors(inner)
        case ast.Call(ast.Attribute(of, name), args) if name in LINEAR:
            for one in (of, *args):
                yield from _factors(one)
