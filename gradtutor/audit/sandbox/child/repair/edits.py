"""Small edits of one statement, each with the misconception that it would mend."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import cast

import numpy as np

from gradtutor.audit.sandbox.child.repair.atoms import (
    COUNT,
    KEPT,
    PENALTY,
    Atoms,
    is_atom,
)

SIGN, TURN, OTHER, AXIS = "sign", "missing-transpose", "another-variable", "wrong-axis"
MEAN, BIAS, BRANCH, OVER = (
    "mean-forgotten",
    "bias-not-summed",
    "wrong-branch",
    "overwritten-gradient",
)
FACTOR, POWER, TABLE, PATH = (
    "constant-factor",
    "power-rule",
    "wrong-table-entry",
    "forgotten-path",
)
INNER, UP, TWICE = "dropped-inner-derivative", "upstream-left-out", "applied-twice"
SCALE, SCORES = "dropout-scale", "attention-scale"
QUOTIENT, OWN = "quotient-rule", "own-operand"
SWAPPED, UPSIDE, TARGET = "swapped-results", "reciprocal", "missing-target"
UPSTREAM = re.compile(
    r"_*(d?out|upstream\w*|grad|grad_out\w*|out_grad\w*|g|dvalues|\w*dout\w*|"
    r"d_?output\w*|out\.grad|dnext\w*|dy|dA|dZ|da_next)"
)
MASK = re.compile(r"(self\.)?\w*mask\w*|(self\.)?D\d")
PRODUCTS = {"dot", "matmul", "mm"}
OPPOSITE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.LtE, ast.Lt),
    ast.GtE: (ast.Lt, ast.LtE),
    ast.Lt: (ast.GtE, ast.Gt),
    ast.LtE: (ast.Gt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
PAIRS: tuple[tuple[str, str], ...] = (
    ("sin", "cos"),
    ("max", "min"),
    ("amax", "amin"),
    ("argmax", "argmin"),
)
PAIRS += (("tanh", "cosh"), ("mean", "sum"), ("maximum", "minimum"))


Product = Callable[[ast.expr, ast.expr], ast.expr]
Target = ast.Name | ast.Attribute | ast.Subscript


@dataclass(frozen=True)
class Edit:
    """A node of a statement in another's place; or a statement, where there is none.

    Attributes
    ----------
    rank : int
        Smaller ones are likelier.
    """

    label: str
    rank: int
    node: ast.expr | None
    new: ast.AST


def edits(statement: ast.stmt, atoms: Atoms) -> Iterator[Edit]:
    """Yield the edits of one statement."""
    yield from _of_statement(statement, atoms)
    for node in _expressions(statement):
        for label, rank, new in _of_expression(node, atoms):
            own = label == OTHER and _is_its_own(statement, node)
            yield Edit(OWN if own else label, rank, node, new)
    value = getattr(statement, "value", None)
    for whole in _whole(statement, value):
        shape, named = _shape(statement, atoms), _is_gradient(statement)
        for label, rank, new in _of_whole(whole, atoms, shape, gradient=named):
            yield Edit(label, rank, whole, new)


def _expressions(statement: ast.stmt) -> list[ast.expr]:
    """Return the expressions that are read in a statement, outside of its blocks."""
    tops: list[ast.AST] = []
    match statement:
        case ast.Assign(targets, value):
            tops = [value, *targets]
        case ast.AugAssign(target, _, value):
            tops = [value, target]
        case ast.Return(value) | ast.Expr(value):
            tops = [value] if value else []
        case ast.If(test):
            tops = [test]
    return [
        node
        for top in tops
        for node in ast.walk(top)
        if isinstance(node, ast.expr)
        and not isinstance(getattr(node, "ctx", None), ast.Store)
    ]


def _whole(statement: ast.stmt, value: ast.expr | None) -> list[ast.expr]:
    """Return what is a gradient as a whole: the value, or each of a tuple's."""
    match value:
        case None:
            return []
        case ast.Tuple(items) | ast.Dict(_, items):
            return [i for i in items if not isinstance(i, ast.Constant)]
    simple = isinstance(statement, ast.Assign | ast.AugAssign | ast.Return)
    return [value] if simple else []


# ---- statements ----


def _read(target: ast.expr) -> ast.expr:
    """Return what is assigned to, as it is read."""
    return ast.parse(ast.unparse(target), mode="eval").body


def _is_its_own(statement: ast.stmt, node: ast.expr) -> bool:
    """Whether a value stands in its own gradient: ``b.grad += b.data * out.grad``."""
    match statement:
        case ast.AugAssign(ast.Attribute(ast.Name(name))) | ast.Assign(
            [ast.Attribute(ast.Name(name))]
        ):
            of = node.value if isinstance(node, ast.Attribute) else node
            return isinstance(of, ast.Name) and of.id == name != "self"
    return False


def _of_statement(statement: ast.stmt, atoms: Atoms) -> Iterator[Edit]:
    match statement:
        case ast.Assign([ast.Tuple() | ast.List()]):
            return
        case ast.Assign([target], value):
            same = cast("Target", copy.deepcopy(target))
            made = ast.AugAssign(same, ast.Add(), value)
            yield _edit(OVER, 1, made, statement)
        case ast.AugAssign(target, op, value):
            turned: ast.operator = ast.Sub() if isinstance(op, ast.Add) else ast.Add()
            yield _edit(SIGN, 1, ast.AugAssign(target, turned, value), statement)
            if isinstance(op, ast.Mult | ast.Div):
                other: ast.operator = (
                    ast.Div() if isinstance(op, ast.Mult) else ast.Mult()
                )
                yield _edit(UPSIDE, 2, ast.AugAssign(target, other, value), statement)
            yield _edit(TWICE, 3, ast.Assign([target], value), statement)
            for count in atoms.counts if isinstance(op, ast.Add) else ():
                read = _read(target)
                mean = ast.BinOp(ast.BinOp(read, ast.Div(), count), ast.Add(), value)
                yield _edit(MEAN, 3, ast.Assign([target], mean), statement)
        case ast.Return(ast.Tuple(items)) if 2 <= len(items) <= 6:
            for i, j in combinations(range(len(items)), 2):
                order = list(items)
                order[i], order[j] = order[j], order[i]
                made_return = ast.Return(ast.Tuple(order, ast.Load()))
                yield _edit(SWAPPED, 1, made_return, statement)


def _edit(label: str, rank: int, made: ast.stmt, like: ast.stmt) -> Edit:
    made = ast.fix_missing_locations(ast.copy_location(made, like))
    return Edit(label, rank, None, made)


# ---- expressions ----


Made = Iterator[tuple[str, int, ast.expr]]


def _of_expression(node: ast.expr, atoms: Atoms) -> Made:
    match node:
        case ast.BinOp(left, op, right):
            yield from _of_operation(node, left, op, right, atoms)
        case ast.UnaryOp(ast.USub(), inner):
            yield SIGN, 1, inner
        case ast.Compare(left, [op], others):
            for turned in OPPOSITE.get(type(op), ()):
                yield BRANCH, 1, ast.Compare(left, [turned()], others)
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            for number in (value + 1, value - 1, value * 2):
                yield FACTOR, 3, ast.Constant(number)
        case ast.Call():
            yield from _of_call(node)
    if is_atom(node):
        yield from _of_atom(node, atoms)
    if isinstance(node, ast.Subscript):
        yield from _shifted(node)
        yield from _sliced(node, atoms)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield TURN, 1, node.value


def _of_operation(
    node: ast.BinOp, left: ast.expr, op: ast.operator, right: ast.expr, atoms: Atoms
) -> Made:
    match op:
        case ast.Add():
            yield SIGN, 1, ast.BinOp(left, ast.Sub(), right)
            yield "", 4, left
            yield "", 4, right
        case ast.Sub():
            yield SIGN, 1, ast.BinOp(left, ast.Add(), right)
            yield SIGN, 1, ast.BinOp(right, ast.Sub(), left)
            yield "", 4, left
        case ast.Mult():
            yield UPSIDE, 2, ast.BinOp(left, ast.Div(), right)
            yield _dropped(right, node), 2, left
            yield _dropped(left, node), 2, right
            for count in atoms.counts:
                yield MEAN, 3, ast.BinOp(node, ast.Div(), count)
        case ast.Div():
            yield UPSIDE, 2, ast.BinOp(left, ast.Mult(), right)
            yield _dropped(right, node), 2, left
            for count in (*atoms.counts, *([right] if _is_count(right) else [])):
                for factor in (2, 0.5):
                    scaled = ast.BinOp(ast.Constant(factor), ast.Mult(), count)
                    yield FACTOR, 3, ast.BinOp(left, ast.Div(), scaled)
            yield QUOTIENT, 2, ast.BinOp(left, ast.Div(), _power(right, 2))
        case ast.Pow():
            yield POWER, 2, left
            for number in (2, 3):
                yield POWER, 2, _power(left, number)
        case ast.MatMult():
            yield from _turned(left, right, lambda a, b: ast.BinOp(a, op, b))
    if isinstance(op, ast.Mult | ast.Div):
        label = POWER if _is_penalty(node) else FACTOR
        yield label, 3, ast.BinOp(ast.Constant(2), ast.Mult(), node)
        yield label, 3, ast.BinOp(ast.Constant(0.5), ast.Mult(), node)
        yield POWER, 3, ast.BinOp(ast.Constant(3), ast.Mult(), node)


def _dropped(factor: ast.expr, product: ast.expr) -> str:
    """Return what it means that a factor is too much."""
    if KEPT.fullmatch(ast.unparse(factor)):
        return SCALE
    if _is_count(factor):
        return MEAN
    if not isinstance(factor, ast.Constant):
        return TWICE
    return POWER if _is_penalty(product) else FACTOR


def _is_penalty(node: ast.expr) -> bool:
    return any(
        PENALTY.fullmatch(ast.unparse(n))
        for n in ast.walk(node)
        if isinstance(n, ast.Name | ast.Attribute)
    )


def _is_count(node: ast.expr) -> bool:
    return any(
        (isinstance(n, ast.Name) and COUNT.fullmatch(n.id) is not None)
        or (isinstance(n, ast.Attribute) and n.attr in ("shape", "size", "batch_size"))
        for n in ast.walk(node)
    ) and not any(isinstance(n, ast.MatMult) for n in ast.walk(node))


def _power(node: ast.expr, number: int) -> ast.expr:
    return ast.BinOp(node, ast.Pow(), ast.Constant(number))


def _turned(left: ast.expr, right: ast.expr, product: Product) -> Made:
    """Yield the products of two matrices, each as it is or transposed."""
    for a, b in ((left, right), (right, left)):
        for first in (a, _transposed(a)):
            for second in (b, _transposed(b)):
                if (first, second) != (left, right):
                    rank = 1 if a is left else 2
                    yield TURN, rank, product(first, second)


def _transposed(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _of_call(node: ast.Call) -> Made:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in PRODUCTS:
        yield from _of_product(node)
    for one, other in PAIRS:
        for here, there in ((one, other), (other, one)):
            if name == here:
                label = {"mean": BIAS, "sum": MEAN, "sin": TABLE, "cos": TABLE}
                yield label.get(here, BRANCH), 1, _called(node, there)
    yield from _of_axis(node, name)
    if len(node.args) == 1 and not node.keywords and name in ("tanh", "exp", "log"):
        yield OTHER, 3, node.args[0]


def _called(node: ast.Call, name: str) -> ast.Call:
    func = ast.Attribute(node.func.value, name, ast.Load())  # type: ignore[attr-defined]
    return ast.Call(func, node.args, node.keywords)


def _of_product(node: ast.Call) -> Made:
    func = node.func
    if len(node.args) == 2:
        left, right = node.args
        yield from _turned(left, right, lambda a, b: ast.Call(func, [a, b], []))
    elif len(node.args) == 1 and isinstance(func, ast.Attribute):
        name = func.attr

        def product(a: ast.expr, b: ast.expr) -> ast.expr:
            return ast.Call(ast.Attribute(a, name, ast.Load()), [b], [])

        yield from _turned(func.value, node.args[0], product)


def _of_axis(node: ast.Call, name: str) -> Made:
    """Yield a reduction over other axes, and with its axes kept or not."""
    if name not in ("sum", "mean", "max", "min", "var"):
        return
    first = [k for k in node.keywords if k.arg not in ("axis", "keepdims", "dim")]
    function = isinstance(node.func, ast.Attribute) and (
        isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "cp")
    )
    args = node.args[:1] if function else []
    word = "dim" if any(k.arg in ("dim", "keepdim") for k in node.keywords) else "axis"
    keep_word = "keepdim" if word == "dim" else "keepdims"
    now = ast.unparse(node)
    for axis in (0, 1, -1, (0, 1), (1, 2), (0, 2, 3), (1, 2, 3), None):
        for keep in (False, True):
            keywords = list(first)
            if axis is not None:
                value = ast.parse(repr(axis), mode="eval").body
                keywords.append(ast.keyword(word, value))
            if keep:
                keywords.append(ast.keyword(keep_word, ast.Constant(True)))
            made = ast.Call(node.func, args, keywords)
            if ast.unparse(made) != now:
                yield AXIS, 1 if axis in (0, 1, -1) else 2, made


def _of_atom(node: ast.expr, atoms: Atoms) -> Made:
    for value in atoms.alike(node):
        yield OTHER, 2, value
    for target in atoms.targets(node):
        yield TARGET, 2, ast.BinOp(node, ast.Sub(), target)
    yield TABLE, 2, _power(node, 2)
    one = ast.Constant(1)
    yield TARGET, 3, ast.BinOp(node, ast.Sub(), one)
    for count in atoms.counts:
        yield MEAN, 3, ast.BinOp(node, ast.Div(), count)
    yield TABLE, 3, ast.BinOp(node, ast.Mult(), ast.BinOp(one, ast.Sub(), node))
    for name in ("np.tanh", "np.exp", *atoms.functions):
        function = ast.parse(name, mode="eval").body
        yield OTHER, 3, ast.Call(function, [node], [])


def _shifted(node: ast.Subscript) -> Made:
    """Yield the neighbours of an element: ``hs[t + 1]`` for ``hs[t]``."""
    match node.slice:
        case ast.Name(name):
            for op in (ast.Add(), ast.Sub()):
                index = ast.BinOp(ast.Name(name, ast.Load()), op, ast.Constant(1))
                yield OTHER, 2, ast.Subscript(node.value, index, ast.Load())
        case ast.BinOp(inner, ast.Add() | ast.Sub(), ast.Constant(1)):
            yield OTHER, 2, ast.Subscript(node.value, inner, ast.Load())


def _sliced(node: ast.Subscript, atoms: Atoms) -> Made:
    """Yield a part that is not turned round; one without its padding."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    slices = [p for p in parts if isinstance(p, ast.Slice)]
    if any(isinstance(p.step, ast.UnaryOp) for p in slices):
        yield "kernel-flipped", 1, node.value
    for pad in atoms.pads:
        moved = [_moved(part, pad) for part in parts]
        if moved != parts:
            index: ast.expr = ast.Tuple(moved, ast.Load())
            index = index if len(moved) > 1 else moved[0]
            yield "padding-left", 2, ast.Subscript(node.value, index, ast.Load())


def _moved(part: ast.expr, pad: ast.expr) -> ast.expr:
    """Return ``pad:pad + H`` for ``:H``."""
    match part:
        case ast.Slice(None, upper, None) if upper is not None:
            return ast.Slice(pad, ast.BinOp(pad, ast.Add(), upper))
    return part


# ---- a whole value ----


def _is_gradient(statement: ast.stmt) -> bool:
    """Whether what a statement assigns to is named like a gradient."""
    match statement:
        case ast.Assign([target]) | ast.AugAssign(target):
            if isinstance(target, ast.Subscript):
                return True
            name = ast.unparse(target).removeprefix("self.").lower()
            return name.startswith(("d", "grad", "nabla", "g")) or "delta" in name
    return True


def _shape(statement: ast.stmt, atoms: Atoms) -> tuple[int, ...] | None:
    """Return the shape of what a statement assigns to a name; None if unknown."""
    match statement:
        case ast.Assign([target]) | ast.AugAssign(target):
            value = atoms.seen.get(ast.unparse(target))
            return None if value is None else np.shape(value)
    return None


def _of_whole(
    value: ast.expr, atoms: Atoms, shape: tuple[int, ...] | None, *, gradient: bool
) -> Made:
    yield SIGN, 1 if gradient else 3, ast.UnaryOp(ast.USub(), value)
    yield TURN, 2, ast.Attribute(value, "T", ast.Load())
    for count in atoms.counts:
        yield MEAN, 2, ast.BinOp(value, ast.Div(), count)
        yield MEAN, 3, ast.BinOp(value, ast.Mult(), count)
    for number in (2, 0.5, 3):
        yield FACTOR, 3, ast.BinOp(ast.Constant(number), ast.Mult(), value)
    for keep in atoms.kept:
        yield SCALE, 2, ast.BinOp(value, ast.Div(), keep)
        yield SCALE, 3, ast.BinOp(value, ast.Mult(), keep)
    for width in atoms.widths:
        root = ast.Call(ast.parse("np.sqrt", mode="eval").body, [width], [])
        yield SCORES, 2, ast.BinOp(value, ast.Div(), root)
    yield from _summed(value)
    for atom in atoms.of_shape(shape):
        text = ast.unparse(atom)
        label = UP if UPSTREAM.fullmatch(text) else INNER
        label = BRANCH if MASK.fullmatch(text) else label
        yield label, 2, ast.BinOp(value, ast.Mult(), atom)
        yield from _with_slope(value, atom, atoms)
        yield PATH, 3, ast.BinOp(value, ast.Add(), atom)
        yield PATH, 3, ast.BinOp(value, ast.Sub(), atom)
        for penalty in atoms.penalties:
            term = ast.BinOp(penalty, ast.Mult(), atom)
            double = ast.BinOp(ast.Constant(2), ast.Mult(), term)
            yield PATH, 3, ast.BinOp(value, ast.Add(), term)
            yield PATH, 3, ast.BinOp(value, ast.Add(), double)
            for count in atoms.counts:
                part = ast.BinOp(term, ast.Div(), count)
                yield PATH, 3, ast.BinOp(value, ast.Add(), part)


def _with_slope(value: ast.expr, atom: ast.expr, atoms: Atoms) -> Made:
    """Yield a value times a local derivative by its input or output."""
    one, zero = ast.Constant(1), ast.Constant(0)
    slopes: list[tuple[str, ast.expr]] = [
        (INNER, ast.BinOp(one, ast.Sub(), _power(atom, 2))),
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
