"""Sums of products over labels as products of arrays: @, .T and outer, else einsum."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import reduce

from gradtutor.language.formula.notation.indexed.parts import Axes
from gradtutor.language.formula.trees import Numeral

Array = tuple[ast.expr, Axes]


def times(trees: Sequence[ast.expr]) -> ast.expr:
    """Multiply entry by entry."""
    return reduce(lambda one, other: ast.BinOp(one, ast.Mult(), other), trees)


def called(name: str, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
    """Call a function."""
    words = [ast.keyword(word, value) for word, value in keywords.items()]
    return ast.Call(ast.Name(name), list(args), words)


def whole_number(value: int) -> ast.expr:
    """Return a number that stands in no text."""
    if value < 0:
        return ast.UnaryOp(ast.USub(), Numeral(-value, str(-value)))
    return Numeral(value, str(value))


def summed(tree: ast.expr, axes: Axes, over: Sequence[str], kind: str) -> Array:
    """Sum the axes of some labels, or take their largest; return the labels left."""
    rest = tuple(one for one in axes if one not in over)
    if not rest:
        inner = _inner_sum(tree) if kind == "sum" else None
        return called(kind, inner or tree), ()
    for label in over:
        place = whole_number(axes.index(label))
        tree = called(kind, tree, axis=place)
        axes = tuple(one for one in axes if one != label)
    return tree, rest


def _inner_sum(tree: ast.expr) -> ast.expr | None:
    """Return what was summed over one axis: the sum of that is one over both."""
    match tree:
        case ast.Call(ast.Name("sum"), [inner], [ast.keyword("axis")]):
            return inner
    return None


def turned(tree: ast.expr, axes: Axes, target: Axes) -> ast.expr:
    """Bring the axes of an array into another order."""
    if axes == target:
        return tree
    if len(axes) == 2:
        return ast.Attribute(tree, "T")
    order = [whole_number(axes.index(one)) for one in target]
    return called("transpose", tree, axes=ast.Tuple(order))


def contracted(arrays: Sequence[Array], out: Axes) -> ast.expr:
    """Return the sum of the arrays' product over the labels that are not in ``out``."""
    grouped: dict[Axes, list[ast.expr]] = {}
    for tree, axes in arrays:
        grouped.setdefault(axes, []).append(tree)
    found = [(times(trees), axes) for axes, trees in grouped.items()]
    for position, (tree, axes) in enumerate(found):
        others = {
            one for at, (_, more) in enumerate(found) if at != position for one in more
        }
        alone = [one for one in axes if one not in others and one not in out]
        if alone:
            found[position] = summed(tree, axes, alone, "sum")
    numbers = [tree for tree, axes in found if not axes]
    found = [one for one in found if one[1]]
    if not found:
        return times(numbers)
    short = {1: _one, 2: _two, 3: _three}.get(len(found))
    tree = (short(found, out) if short else None) or _einsum(found, out)
    return times([*numbers, tree])


def _one(arrays: list[Array], out: Axes) -> ast.expr:
    tree, axes = arrays[0]
    return turned(tree, axes, out)


def _two(arrays: list[Array], out: Axes) -> ast.expr | None:
    (one, left), (other, right) = arrays
    shared = set(left) & set(right)
    if max(len(left), len(right)) > 2 or len(shared) > 1 or shared & set(out):
        return None
    if not shared:
        if len(left) == len(right) == 1:
            pair = (one, other) if out == (*left, *right) else (other, one)
            return called("outer", *pair)
        return None
    (label,) = shared
    rests = [tuple(x for x in axes if x != label) for axes in (left, right)]
    if len(left) < len(right):  # the matrix first: x @ w rather than w @ x.T
        (one, left), (other, right), rests = (other, right), (one, left), rests[::-1]
    if out == (*rests[0], *rests[1]):
        first, second = (one, left, rests[0]), (other, right, rests[1])
    else:
        first, second = (other, right, rests[1]), (one, left, rests[0])
    return ast.BinOp(
        turned(first[0], first[1], (*first[2], label)),
        ast.MatMult(),
        turned(second[0], second[1], (label, *second[2])),
    )


def _three(arrays: list[Array], out: Axes) -> ast.expr | None:
    """Write the number uᵀ M v with two products."""
    matrices = [one for one in arrays if len(one[1]) == 2]
    vectors = [one for one in arrays if len(one[1]) == 1]
    if out or len(matrices) != 1 or len(vectors) != 2:
        return None
    (matrix, axes), ends = matrices[0], {axes[0]: tree for tree, axes in vectors}
    if set(ends) != set(axes):
        return None
    left = ast.BinOp(ends[axes[0]], ast.MatMult(), matrix)
    return ast.BinOp(left, ast.MatMult(), ends[axes[1]])


def _einsum(arrays: list[Array], out: Axes) -> ast.expr:
    letters: dict[str, str] = {}
    for _, axes in arrays:
        for one in axes:
            letters.setdefault(one, "ijklmnabcdefgh"[len(letters)])
    before = ",".join("".join(letters[one] for one in axes) for _, axes in arrays)
    after = "".join(letters[one] for one in out)
    text = ast.Constant(f"{before}->{after}")
    return called("einsum", *(tree for tree, _ in arrays), subscripts=text)
