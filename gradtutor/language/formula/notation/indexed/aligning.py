"""Operands of one operation on the same axes, as NumPy broadcasts them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from gradtutor.language.formula.notation.indexed.contractions import (
    called,
    turned,
    whole_number,
)
from gradtutor.language.formula.notation.indexed.parts import Axes, Sizes


class UnalignedError(ValueError):
    """Axes that no reshape of one axis brings together."""


@dataclass(frozen=True)
class Operand:
    """A tree, the labels of its axes, and those of its value."""

    tree: ast.expr
    axes: Axes
    cell: Axes = ()
    lies: bool = False


def together(sizes: Sizes, operands: list[Operand]) -> list[Operand]:
    """Bring operands to the same axes: x_i − y_j has a row of all j for each i.

    Raises
    ------
    UnalignedError
        Where vectors and matrices meet, or two pairs of different indices.
    """
    cell = max((one.cell for one in operands), key=len, default=())
    if any(one.cell and len(one.cell) != len(cell) for one in operands):
        raise UnalignedError
    fitted = []
    for one in operands:
        names = dict(zip(one.cell, cell, strict=False))
        for old, new in names.items():
            sizes.join(new, old)
        axes = tuple(names.get(label, label) for label in one.axes)
        fitted.append(replace(one, axes=axes))
    longest: Axes = max((one.axes for one in fitted), key=len, default=())
    used = dict.fromkeys(label for one in fitted for label in one.axes)
    target = (*(one for one in used if one not in (*longest, *cell)), *longest)
    target = (*(one for one in target if one not in cell), *cell)
    if sum(len(one.axes) == 1 for one in fitted) == len(
        [1 for one in fitted if one.axes]
    ):
        target = (*(one for one in used if one not in cell), *cell)
    lies = any(one.lies for one in fitted)
    return [
        Operand(aligned(one.tree, one.axes, target), target, cell, lies)
        for one in fitted
    ]


def aligned(tree: ast.expr, axes: Axes, target: Axes) -> ast.expr:
    """Let an array's axes stand where the target has them; others broadcast."""
    if not axes:
        return tree
    order = tuple(one for one in target if one in axes)
    tree = turned(tree, axes, order)
    window = target[target.index(order[0]) :]
    if window == order:
        return tree
    if len(order) > 1:
        return _spread(tree, order, window)
    if len(window) == 2 and _drops_last(tree):
        assert isinstance(tree, ast.Call)
        kept = ast.keyword("keepdims", ast.Constant(True))
        return ast.Call(tree.func, tree.args, [*tree.keywords, kept])
    shape = [whole_number(-1), *(whole_number(1) for _ in window[1:])]
    return called("reshape", tree, shape=ast.Tuple(shape))


def _spread(tree: ast.expr, order: Axes, window: Axes) -> ast.expr:
    """Write x[:, None, :] for an array that lacks an axis between two of its own."""
    if len(window) > 3:
        raise UnalignedError
    items: list[ast.expr] = [
        ast.Slice() if label in order else ast.Constant(None) for label in window
    ]
    return ast.Subscript(tree, ast.Tuple(items))


def _drops_last(tree: ast.expr) -> bool:
    """Whether an array of one axis is a sum over the second of a matrix."""
    match tree:
        case ast.Call(ast.Name("sum" | "amax" | "amin"), [_], [word]):
            return word.arg == "axis" and getattr(word.value, "value", 0) == 1
    return False
