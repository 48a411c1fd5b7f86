"""Small edits of one statement, each with the misconception that it would mend."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import cast

import numpy as np

from gradtutor.audit.sandbox.child.repair.atoms import Atoms
from gradtutor.audit.sandbox.child.repair.axes import axis_label
from gradtutor.audit.sandbox.child.repair.expressions import of_expression
from gradtutor.audit.sandbox.child.repair.finer import (
    finer_expressions,
    finer_statements,
)
from gradtutor.audit.sandbox.child.repair.kinds import (
    AXIS,
    BRANCH,
    FACTOR,
    MASK,
    MEAN,
    OTHER,
    OVER,
    OWN,
    POWER,
    SIGN,
    SWAPPED,
    TWICE,
    UPSIDE,
    UPSTREAM,
    WRONG_MASK,
    Target,
)
from gradtutor.audit.sandbox.child.repair.wholes import is_gradient, of_whole, shape_of


@dataclass(frozen=True)
class Edit:
    """A node of a statement in another's place; or a statement, where there is none.

    Attributes
    ----------
    rank : float
        Smaller ones are likelier.
    """

    label: str
    rank: float
    node: ast.expr | None
    new: ast.AST


def edits(statement: ast.stmt, atoms: Atoms) -> Iterator[Edit]:
    """Yield the edits of one statement."""
    for label, rank, made in finer_statements(statement, atoms):
        yield _edit(label, rank, made, statement)
    yield from _of_statement(statement, atoms)
    for node in _expressions(statement):
        for label, rank, new in finer_expressions(node, atoms):
            yield Edit(label, rank, node, new)
        for label, rank, new in of_expression(node, atoms):
            yield Edit(_finer(label, statement, node, new, atoms), rank, node, new)
    target = getattr(statement, "targets", [getattr(statement, "target", None)])[0]
    if isinstance(target, ast.Subscript):
        for label, rank, new in finer_expressions(target, atoms):
            if isinstance(new, ast.Subscript):
                new.ctx = ast.Store()
                yield Edit(label, rank, target, new)
    value = getattr(statement, "value", None)
    for whole in _whole(statement, value):
        shape = shape_of(statement, atoms) if whole is value else _seen(whole, atoms)
        named = is_gradient(statement)
        for label, rank, new in of_whole(whole, atoms, shape, gradient=named):
            yield Edit(label, rank, whole, new)


def _finer(
    label: str, statement: ast.stmt, node: ast.expr, new: ast.expr, atoms: Atoms
) -> str:
    """Tell kinds of the same edit apart by what it stands in."""
    if label == OTHER:
        if _is_its_own(statement, node):
            return OWN
        compared = any(
            isinstance(n, ast.Compare) and any(m is node for m in ast.walk(n))
            for n in ast.walk(statement)
        )
        if compared and UPSTREAM.fullmatch(ast.unparse(node)):
            return BRANCH  # judged by the gradient
        return WRONG_MASK if compared or MASK.fullmatch(ast.unparse(node)) else label
    if label == AXIS:
        return axis_label(statement, node, new, normalises=atoms.normalises)
    if label == FACTOR and _in_an_exponent(statement, node):
        return POWER
    return label


def _in_an_exponent(statement: ast.stmt, node: ast.expr) -> bool:
    """Whether a number stands in the exponent of a power."""
    return any(
        isinstance(one, ast.BinOp)
        and isinstance(one.op, ast.Pow)
        and any(inner is node for inner in ast.walk(one.right))
        for one in ast.walk(statement)
    )


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
        case ast.For(iter=over):
            tops = [over]
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
    return [value, *_reshaped(value)] if simple else []


def _seen(node: ast.expr, atoms: Atoms) -> tuple[int, ...] | None:
    """Return the shape of a value, where it is known."""
    value = atoms.seen.get(ast.unparse(node))
    return None if value is None else np.shape(value)


def _reshaped(value: ast.expr) -> list[ast.expr]:
    """Return what is only put into another shape: ``dout`` of ``dout.reshape(...)``."""
    match value:
        case ast.Call(ast.Attribute(inner, "reshape" | "view" | "transpose")) if not (
            isinstance(inner, ast.Name) and inner.id in ("np", "cp", "jnp", "torch")
        ):
            return [inner]
    return []


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


def _edit(label: str, rank: float, made: ast.stmt, like: ast.stmt) -> Edit:
    made = ast.fix_missing_locations(ast.copy_location(made, like))
    return Edit(label, rank, None, made)
