"""Edits of a whole value: a factor, a term or a sum that is left out."""

from __future__ import annotations

import ast

import numpy as np

from gradtutor.audit.sandbox.child.repair.atoms import SCALING, Atoms
from gradtutor.audit.sandbox.child.repair.expressions import multiple, power
from gradtutor.audit.sandbox.child.repair.kinds import (
    AFFINE,
    BIAS,
    BRANCH,
    CARRIED,
    DECAY,
    FACTOR,
    GAIN,
    GRADIENT,
    INNER,
    MASK,
    MEAN,
    PATH,
    SCALE,
    SCORES,
    SIGN,
    TIME,
    TURN,
    TWICE_MEAN,
    UP,
    UPSTREAM,
    Made,
)


def is_gradient(statement: ast.stmt) -> bool:
    """Whether what a statement assigns to is named like a gradient."""
    match statement:
        case ast.Assign([target]) | ast.AugAssign(target):
            if isinstance(target, ast.Subscript):
                return True
            name = ast.unparse(target).removeprefix("self.").lower()
            begins = name.startswith(("d", "grad", "nabla", "g"))
            return begins or "delta" in name or name.endswith(("grad", "grads"))
    return True


def shape_of(statement: ast.stmt, atoms: Atoms) -> tuple[int, ...] | None:
    """Return the shape of what a statement assigns to a name; None if unknown."""
    match statement:
        case ast.Assign([target]) | ast.AugAssign(target):
            value = atoms.seen.get(ast.unparse(target))
            return None if value is None else np.shape(value)
    return None


def of_whole(
    value: ast.expr, atoms: Atoms, shape: tuple[int, ...] | None, *, gradient: bool
) -> Made:
    """Yield a whole value scaled, summed, or with what is left out."""
    yield SIGN, 2 if gradient else 3, _negated(value)
    yield TURN, 2, ast.Attribute(value, "T", ast.Load())
    for count in atoms.counts:
        yield MEAN, 2, ast.BinOp(value, ast.Div(), count)
        yield TWICE_MEAN, 3, ast.BinOp(value, ast.Mult(), count)
    for number in (2, 0.5, 3):
        yield FACTOR, 3, multiple(number, value)
    for keep in atoms.kept:
        yield SCALE, 2, ast.BinOp(value, ast.Div(), keep)
        yield SCALE, 3, ast.BinOp(value, ast.Mult(), keep)
    for width in atoms.widths:
        root = ast.Call(ast.parse("np.sqrt", mode="eval").body, [width], [])
        yield SCORES, 2.2, ast.BinOp(value, ast.Div(), root)
    yield from _summed(value)
    for atom in atoms.of_shape(shape):
        text = ast.unparse(atom)
        label = UP if UPSTREAM.fullmatch(text) else INNER
        label = BRANCH if MASK.fullmatch(text) else label
        scales = SCALING.fullmatch(text) and atoms.attends
        label = SCORES if scales and not atoms.normalises else label
        label = AFFINE if GAIN.fullmatch(text) and atoms.normalises else label
        yield label, 2, ast.BinOp(value, ast.Mult(), atom)
        yield from _with_slope(value, atom, atoms)
        path = TIME if CARRIED.fullmatch(text) else PATH
        yield path, 3, ast.BinOp(value, ast.Add(), atom)
        yield PATH, 3, ast.BinOp(value, ast.Sub(), atom)
        yield from _with_part(value, atom, atoms)
        for penalty in atoms.penalties:
            term = ast.BinOp(penalty, ast.Mult(), atom)
            double = ast.BinOp(ast.Constant(2), ast.Mult(), term)
            yield DECAY, 3, ast.BinOp(value, ast.Add(), term)
            yield DECAY, 3, ast.BinOp(value, ast.Add(), double)
            for count in atoms.counts:
                part = ast.BinOp(term, ast.Div(), count)
                yield DECAY, 3, ast.BinOp(value, ast.Add(), part)


def _negated(value: ast.expr) -> ast.expr:
    """Write the minus sign at the front: ``-a * b / c``."""
    match value:
        case ast.BinOp(left, ast.Mult() | ast.Div() as op, right):
            return ast.BinOp(_negated(left), op, right)
    return ast.UnaryOp(ast.USub(), value)


def _with_part(value: ast.expr, atom: ast.expr, atoms: Atoms) -> Made:
    """Yield a value with its share of what all examples have: ``dmu / N``."""
    if not GRADIENT.fullmatch(ast.unparse(atom)):
        return
    for count in atoms.counts:
        for op in (ast.Add(), ast.Sub()):
            part = ast.BinOp(atom, ast.Div(), count)
            yield PATH, 3, ast.BinOp(value, op, part)


def _with_slope(value: ast.expr, atom: ast.expr, atoms: Atoms) -> Made:
    """Yield a value times a local derivative by its input or output."""
    one, zero = ast.Constant(1), ast.Constant(0)
    slopes: list[tuple[str, ast.expr]] = [
        (INNER, ast.BinOp(one, ast.Sub(), power(atom, 2))),
        (INNER, ast.BinOp(atom, ast.Mult(), ast.BinOp(one, ast.Sub(), atom))),
        (BRANCH, ast.Compare(atom, [ast.Gt()], [zero])),
    ]
    for name in atoms.functions:
        function = ast.Name(name, ast.Load())
        slopes.append((INNER, ast.Call(function, [atom], [])))
    for label, slope in slopes:
        yield label, 3, ast.BinOp(value, ast.Mult(), slope)
    yield INNER, 3, ast.BinOp(value, ast.Div(), atom)


def _summed(value: ast.expr) -> Made:
    if isinstance(value, ast.Call) and "sum" in ast.unparse(value.func):
        return
    function = ast.parse("np.sum", mode="eval").body
    for axis in (0, 1, (0, 1), (0, 2, 3), None):
        for keep in (False, True):
            keywords = []
            if axis is not None:
                number = ast.parse(repr(axis), mode="eval").body
                keywords.append(ast.keyword("axis", number))
            if keep:
                keywords.append(ast.keyword("keepdims", ast.Constant(True)))
            yield BIAS, 2, ast.Call(function, [value], keywords)
