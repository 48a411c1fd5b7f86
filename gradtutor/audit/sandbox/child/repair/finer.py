"""Edits that only one misconception calls for: aliased arrays, repeated rows, ..."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from gradtutor.audit.sandbox.child.repair.atoms import Atoms, is_atom
from gradtutor.audit.sandbox.child.repair.kinds import (
    ALIASED,
    CACHED,
    DECAY,
    DETACHED,
    INTEGER,
    MASK,
    MEAN,
    REPEATED,
    SCALE,
    STRIDE,
    WHOLE,
    Made,
)

Made_of = Iterator[tuple[str, float, ast.stmt]]
WHOLE_NUMBERS = re.compile(r"(np\.)?u?int(8|16|32|64|p|_)?|bool")
EMPTY = ("zeros_like", "ones_like", "empty_like", "full_like")


def finer_statements(statement: ast.stmt, atoms: Atoms) -> Made_of:
    """Yield statements in the place of one, each with its misconception and rank."""
    match statement:
        case ast.Assign([_, _, *_] as targets, value):
            yield ALIASED, 1, _apart(targets, value)
        case ast.Assign([ast.Name()], value) if is_atom(value):
            copied = ast.Call(ast.Attribute(value, "copy", ast.Load()), [], [])
            yield CACHED, 1, ast.Assign(statement.targets, copied)
        case ast.Assign([ast.Subscript(of, key)], value) | ast.AugAssign(
            ast.Subscript(of, key), ast.Add(), value
        ) if _may_repeat(key, atoms):
            yield REPEATED, 1, ast.Expr(_call("np.add.at", _read(of), key, value))
        case ast.AugAssign(ast.Name() as of, ast.Add() as op, value) | ast.Assign(
            [ast.Name() as of], ast.BinOp(ast.Name(), ast.Add() as op, value)
        ) if _adds_to(statement, of):
            for made in _without_bias(of, value, atoms):
                yield DECAY, 3, ast.AugAssign(made[0], op, made[1])
    yield from _followed(statement, atoms)


def _adds_to(statement: ast.stmt, of: ast.Name) -> bool:
    """Whether something is added to a variable: ``dW += ...``, ``dW = dW + ...``."""
    match statement:
        case ast.Assign(_, ast.BinOp(ast.Name(name))):
            return name == of.id
    return isinstance(statement, ast.AugAssign)


def _without_bias(
    of: ast.Name, value: ast.expr, atoms: Atoms
) -> Iterator[tuple[ast.Subscript, ast.expr]]:
    """Yield ``dW[:, 1:] += lam * W[:, 1:]`` for all of W: a column of ones is none."""
    penalties = {ast.unparse(one) for one in atoms.penalties}
    names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    axes = np.ndim(cast("Any", atoms.seen.get(of.id, 0.0)))
    if not names & penalties or axes not in (1, 2):
        return
    cut = "1:" if axes == 1 else ":, 1:"
    target = ast.parse(f"{of.id}[{cut}] = 0").body[0].targets[0]  # type: ignore[attr-defined]
    for name in sorted(names - penalties):
        if np.shape(cast("Any", atoms.seen.get(name))) == np.shape(
            cast("Any", atoms.seen.get(of.id))
        ):
            part = ast.parse(f"{name}[{cut}]", mode="eval").body
            made = _replaced(value, name, part)
            yield target, made


def _replaced(value: ast.expr, name: str, part: ast.expr) -> ast.expr:
    """Return an expression with a part of a variable in its place."""

    class Replace(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return part if node.id == name else node

    made: ast.expr = Replace().visit(copy.deepcopy(value))
    return made


def _may_repeat(key: ast.expr, atoms: Atoms) -> bool:
    """Whether an index can be rows, the same ones twice."""
    if isinstance(key, ast.Name) and key.id in atoms.counters:
        return False
    return is_atom(key) or isinstance(key, ast.Attribute)


def _apart(targets: list[ast.expr], value: ast.expr) -> ast.stmt:
    """Return ``dW, db = zeros, zeros`` for ``dW = db = zeros``."""
    each = [copy.deepcopy(value) for _ in targets]
    return ast.Assign(
        [ast.Tuple(targets, ast.Store())], ast.Tuple(list(each), ast.Load())
    )


def _followed(statement: ast.stmt, atoms: Atoms) -> Made_of:
    """Yield a change in place with the line behind it that is missing."""
    match statement:
        case ast.AugAssign(target) | ast.Assign([ast.Subscript() as target]):
            of = target.value if isinstance(target, ast.Subscript) else target
        case _:
            return
    for count in atoms.counts:
        whole = ast.parse(f"{ast.unparse(of)} /= {ast.unparse(count)}").body[0]
        yield MEAN, 3, _both(statement, whole)


def _both(first: ast.stmt, then: ast.stmt) -> ast.stmt:
    return ast.If(ast.Constant(True), [first, then], [])


def _read(target: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(target), mode="eval").body


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.parse(name, mode="eval").body, list(args), [])


def finer_expressions(node: ast.expr, atoms: Atoms) -> Made:
    """Yield expressions in the place of one."""
    match node:
        case ast.Call(func, args, keywords):
            yield from _of_type(node, func, args, keywords)
            yield from _of_children(node, atoms)
        case ast.Subscript(value, key):
            yield from _strided(value, key, atoms)


def _of_type(
    node: ast.Call, func: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]
) -> Made:
    """Yield arrays of real numbers for arrays of whole ones."""
    whole = [
        k
        for k in keywords
        if k.arg == "dtype" and WHOLE_NUMBERS.fullmatch(ast.unparse(k.value))
    ]
    if whole:
        others = [k for k in keywords if k not in whole]
        real = ast.keyword("dtype", ast.Name("float", ast.Load()))
        yield INTEGER, 1, ast.Call(func, args, [*others, real])
    match func:
        case ast.Attribute(_, name) if name in EMPTY and not keywords:
            real = ast.keyword("dtype", ast.Name("float", ast.Load()))
            yield INTEGER, 1, ast.Call(func, args, [real])
        case ast.Attribute(inner, "astype") if args and WHOLE_NUMBERS.fullmatch(
            ast.unparse(args[0])
        ):
            yield SCALE if MASK.fullmatch(ast.unparse(inner)) else WHOLE, 1, inner


def _of_children(node: ast.Call, atoms: Atoms) -> Made:
    """Yield ``Value(x, (self, other))`` for ``Value(x, (self,))`` and ``Value(x)``."""
    owner = node.func.id if isinstance(node.func, ast.Name) else ""
    if not owner[:1].isupper() or not node.args or len(node.args) > 3:
        return
    used = [n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Attribute)]
    names = list(dict.fromkeys(n.id for n in used if isinstance(n, ast.Name)))
    names = [n for n in names if n in ("self", "other", "o", "b", "y", "rhs")]
    both: list[ast.expr] = [ast.Name(n, ast.Load()) for n in names]
    if both:
        children = ast.Tuple(both, ast.Load())
        args = [node.args[0], children, *node.args[2:]]
        yield DETACHED, 1, ast.Call(node.func, args, node.keywords)


def _strided(value: ast.expr, key: ast.expr, atoms: Atoms) -> Made:
    """Yield ``x[i * s:i * s + K]`` for ``x[i:i + K]``, and the other way round."""
    parts = key.elts if isinstance(key, ast.Tuple) else [key]
    for stride in atoms.strides:
        moved = [_moved(part, stride, atoms) for part in parts]
        if moved != parts:
            index = ast.Tuple(moved, ast.Load()) if len(moved) > 1 else moved[0]
            yield STRIDE, 1, ast.Subscript(value, index, ast.Load())


def _moved(part: ast.expr, stride: ast.expr, atoms: Atoms) -> ast.expr:
    match part:
        case ast.BinOp(ast.Name(name) as start, ast.Add(), inside) if (
            name in atoms.counters
        ):
            return ast.BinOp(ast.BinOp(start, ast.Mult(), stride), ast.Add(), inside)
        case ast.Slice(
            ast.Name() as start, ast.BinOp(ast.Name() as same, ast.Add(), width), None
        ) if start.id == same.id:
            first = ast.BinOp(start, ast.Mult(), stride)
            return ast.Slice(first, ast.BinOp(first, ast.Add(), width))
    return part


__all__ = ["finer_expressions", "finer_statements"]
