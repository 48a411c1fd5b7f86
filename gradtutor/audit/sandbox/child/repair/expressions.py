"""Small edits of one expression inside a statement."""

from __future__ import annotations

import ast

from gradtutor.audit.sandbox.child.repair.atoms import (
    COUNT,
    KEPT,
    PENALTY,
    Atoms,
    is_atom,
)
from gradtutor.audit.sandbox.child.repair.axes import of_axis
from gradtutor.audit.sandbox.child.repair.forms import (
    of_arguments,
    of_parts,
    of_slope,
)
from gradtutor.audit.sandbox.child.repair.kinds import (
    BIAS,
    BRANCH,
    CARRIED,
    DECAY,
    FACTOR,
    INNER,
    MASK,
    MEAN,
    OPPOSITE,
    OTHER,
    PAIRS,
    POWER,
    PRODUCTS,
    QUOTIENT,
    SCALE,
    SIGN,
    TABLE,
    TARGET,
    TIME,
    TURN,
    TWICE,
    TWICE_MEAN,
    UPSIDE,
    Made,
    Product,
)


def of_expression(node: ast.expr, atoms: Atoms) -> Made:
    """Yield expressions in the place of one, each with its misconception and rank."""
    match node:
        case ast.BinOp(left, op, right):
            yield from _of_operation(node, left, op, right, atoms)
        case ast.UnaryOp(ast.USub(), inner):
            yield SIGN, 1, inner
        case ast.Compare(left, [op], others):
            if MASK.fullmatch(ast.unparse(left)):
                yield SCALE, 1, left  # the mask holds the factor of what is kept
            for turned in OPPOSITE.get(type(op), ()):
                yield BRANCH, 1, ast.Compare(left, [turned()], others)
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            for number in (value + 1, value - 1, value * 2):
                yield FACTOR, 3, ast.Constant(number)
        case ast.Call():
            yield from _of_call(node)
            yield from of_arguments(node, atoms)
    if is_atom(node):
        yield from _of_atom(node, atoms)
    if isinstance(node, ast.Subscript):
        yield from _labelled(node, atoms)
        yield from of_parts(node)
        yield from _shifted(node, atoms)
        yield from _sliced(node, atoms)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield TURN, 1, node.value


def _of_operation(
    node: ast.BinOp, left: ast.expr, op: ast.operator, right: ast.expr, atoms: Atoms
) -> Made:
    yield from of_slope(node)
    match op:
        case ast.Add():
            yield SIGN, 1, ast.BinOp(left, ast.Sub(), right)
            yield (DECAY, 3, left) if _is_penalty(right) else ("", 4, left)
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
                scaled = ast.BinOp(ast.Constant(2), ast.Mult(), count)
                yield FACTOR, 3, ast.BinOp(left, ast.Div(), scaled)
                yield FACTOR, 3, ast.BinOp(multiple(2, left), ast.Div(), count)
            yield QUOTIENT, 2, ast.BinOp(left, ast.Div(), power(right, 2))
        case ast.Pow():
            yield POWER, 2, left
            for number in (2, 3):
                yield POWER, 2, power(left, number)
        case ast.MatMult():
            for name in atoms.functions:
                function = ast.Name(name, ast.Load())
                yield OTHER, 3, ast.Call(function, [node], [])
            yield from _turned(left, right, lambda a, b: ast.BinOp(a, op, b))
    if isinstance(op, ast.Mult | ast.Div):
        label = POWER if _is_penalty(node) else FACTOR
        yield label, 3, multiple(2, node)
        yield label, 3, multiple(0.5, node)
        yield POWER, 3, multiple(3, node)


def multiple(number: float, node: ast.expr) -> ast.expr:
    """Write a number in front of a product: ``2 * dvar * (x - mu) / N``."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.Div() as op, right):
            return ast.BinOp(multiple(number, left), op, right)
    return ast.BinOp(ast.Constant(number), ast.Mult(), node)


def _dropped(factor: ast.expr, product: ast.expr) -> str:
    """Return what it means that a factor is too much."""
    if KEPT.fullmatch(ast.unparse(factor)):
        return SCALE
    if _is_count(factor):
        return TWICE_MEAN
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


def power(node: ast.expr, number: int) -> ast.expr:
    """Return a power of an expression."""
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
    yield from of_axis(node, name)
    if isinstance(node.func, ast.Name) and len(node.args) == 1:
        yield TARGET, 2.5, ast.BinOp(node, ast.Sub(), ast.Constant(1))
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


def _of_atom(node: ast.expr, atoms: Atoms) -> Made:
    for value in atoms.alike(node):
        yield OTHER, 2, value
    for value in atoms.values:
        text = ast.unparse(value)
        if CARRIED.fullmatch(text) and text != ast.unparse(node):
            yield TIME, 3.6, ast.BinOp(node, ast.Add(), value)
    for setting in atoms.of_shape(()):  # the inner slope of sigmoid(beta * x)
        if not isinstance(setting, ast.Constant):
            yield INNER, 2.8, ast.BinOp(node, ast.Mult(), setting)
    for target in atoms.targets(node):
        yield TARGET, 2, ast.BinOp(node, ast.Sub(), target)
    yield TABLE, 2, power(node, 2)
    one = ast.Constant(1)
    yield TARGET, 3, ast.BinOp(node, ast.Sub(), one)
    for count in atoms.counts:
        yield MEAN, 3, ast.BinOp(node, ast.Div(), count)
    yield TABLE, 3, ast.BinOp(node, ast.Mult(), ast.BinOp(one, ast.Sub(), node))
    for name in ("np.tanh", "np.exp", *atoms.functions):
        function = ast.parse(name, mode="eval").body
        yield OTHER, 3, ast.Call(function, [node], [])


def _labelled(node: ast.Subscript, atoms: Atoms) -> Made:
    """Yield ``p[j] - (j == y[i])`` for the score of one class of one example."""
    if not isinstance(node.slice, ast.Name):
        return
    for label in atoms.labels:
        hit = ast.Compare(node.slice, [ast.Eq()], [label])
        yield TARGET, 2, ast.BinOp(node, ast.Sub(), hit)


def _counter_of(index: ast.BinOp, atoms: Atoms) -> ast.expr | None:
    """Return j of ``k - 1 - j``, which counts the other way."""
    match index:
        case ast.BinOp(_, ast.Sub(), ast.Name(name) as counter) if (
            name in atoms.counters
        ):
            return counter
    return None


def _shifted(node: ast.Subscript, atoms: Atoms) -> Made:
    """Yield the neighbours of an element: ``hs[t + 1]`` for ``hs[t]``."""
    match node.slice:
        case ast.BinOp() as index if counter := _counter_of(index, atoms):
            yield "kernel-flipped", 2, ast.Subscript(node.value, counter, ast.Load())
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
