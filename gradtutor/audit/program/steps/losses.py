r"""The loss of a step of training: computed there, by a function, or taken for granted.

>>> tree = ast.parse("for x in X:\n    d = out - y\n    W -= lr * d").body[0]
>>> difference(tree)
('out', 'y')
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.steps.loops import (
    ERROR,
    LOSS,
    names_set,
    statements,
)

#: Functions and lists that are named like losses.
NAMED = re.compile(r"\w*(loss|cost|mse|entropy|nll|bce)\w*|J|objective\w*", re.I)
SLOPES = re.compile(r"\w*(grad|prime|deriv|backward)\w*|d_\w+", re.I)


@dataclass(frozen=True)
class Loss:
    """What is differentiated.

    Attributes
    ----------
    text : str
        The loss as an expression; or, where there is none, prediction and target.
    assumed : bool
        Whether there is none, so that usual ones are tried.
    reported : bool
        Whether it is only computed to be shown now and then.
    picks : bool
        Whether the target is a label that picks a probability.
    sides : tuple of str
        Prediction and target, where they are seen.
    own : tuple of str
        The file's functions that it may be, of prediction and target; of target and
        prediction with a minus before the name.
    """

    text: str
    assumed: bool = False
    reported: bool = False
    picks: bool = False
    sides: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


def loss_of_step(
    body: Sequence[ast.stmt],
    whole: Sequence[ast.stmt],
    last: int,
    own: Mapping[str, Sequence[str]],
    outside: set[str],
) -> Loss | None:
    """Return the loss of a step whose last update stands on a line; None: not found.

    Parameters
    ----------
    whole : list
        The statements of the function around the step.
    own : mapping
        The file's functions with the names of their arguments.
    outside : set of str
        Names that are there before the step.
    """
    sides = difference(ast.Module(list(body), []))
    found = _loss(body, whole, last, own, outside, sides)
    return replace(found, sides=sides or ()) if found else None


def _loss(
    body: Sequence[ast.stmt],
    whole: Sequence[ast.stmt],
    last: int,
    own: Mapping[str, Sequence[str]],
    outside: set[str],
    sides: tuple[str, str] | None,
) -> Loss | None:
    made = list(_assigned(body))
    before = [(n, v) for n, v, line in made if line <= last]
    known = outside | {n for n, _ in before}
    tables = {n: v for n, v, _ in made if isinstance(v, ast.Dict)}
    errors = [n for n, v in before if ERROR.fullmatch(n) and _is_difference(v)]
    losses = [n for n, _ in before if LOSS.fullmatch(n) and n not in errors]
    if losses:
        return Loss(losses[-1])
    for text, reported in _later(body, tables, own):
        if _reads(text) <= known:
            return Loss(text, reported=reported)
    picked = None if sides else _picked(body)
    sides = sides or picked
    if sides is None or not _reads("".join(f"{s};" for s in sides)) <= known:
        return Loss(f"({errors[0]}, 0)", assumed=True) if errors else None
    found = tuple(_of_two(own))
    for name in found:
        if _calls(whole, name.lstrip("-")):
            order = reversed(sides) if name.startswith("-") else sides
            return Loss(f"{name.lstrip('-')}({', '.join(order)})")
    pair = f"({sides[0]}, {sides[1]})"
    return Loss(pair, assumed=True, picks=picked is not None, own=found)


def _of_two(own: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the functions of prediction and target that are named like losses."""
    for name, arguments in own.items():
        if len(arguments) == 2 and NAMED.fullmatch(name) and not SLOPES.fullmatch(name):
            targets = [bool(TARGET.fullmatch(a)) for a in arguments]
            yield f"-{name}" if targets == [True, False] else name


def _calls(body: Sequence[ast.stmt], name: str) -> bool:
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in (name, f"self.{name}")
        for item in body
        for node in ast.walk(item)
    )


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr, int]]:
    """Yield the names that get values, with these and their lines."""
    for item in statements(body):
        for name in names_set(item):
            yield name, getattr(item, "value", None) or ast.Name(name), item.lineno


def _is_difference(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)


def _later(
    body: Sequence[ast.stmt],
    tables: Mapping[str, ast.expr],
    own: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, bool]]:
    """Yield losses that are computed anywhere in a body, as text; whether seldom."""
    seldom = {
        id(node)
        for item in statements(body)
        if isinstance(item, ast.If)
        for node in ast.walk(item)
    }
    for node in (n for item in body for n in ast.walk(item)):
        match node:
            case ast.Assign([ast.Name(name)], value) if LOSS.fullmatch(name):
                yield _filled(value, tables), id(node) in seldom
            case ast.Call(ast.Attribute(ast.Name(name), "append"), [value]) if (
                NAMED.fullmatch(name)
            ):
                yield _filled(value, tables), id(node) in seldom
            case ast.Call(ast.Name(name)) | ast.Call(
                ast.Attribute(ast.Name("self"), name)
            ) if name in own and NAMED.fullmatch(name) and not SLOPES.fullmatch(name):
                yield _filled(node, tables), id(node) in seldom


class _Filled(ast.NodeTransformer):
    def __init__(self, tables: Mapping[str, ast.expr]) -> None:
        self.tables = tables

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.tables.get(node.id, node)


def _filled(node: ast.expr, tables: Mapping[str, ast.expr]) -> str:
    """Return an expression with the dicts written out that it names."""
    copy = ast.parse(ast.unparse(node), mode="eval").body
    return ast.unparse(_Filled(tables).visit(copy))


def _reads(text: str) -> set[str]:
    """Return the names that a text reads, but those it calls and Python's own."""
    tree = ast.parse(text)
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    owners = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return {
        n.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Name)
        and id(n) not in called
        and not (id(n) in owners and n.id in ("np", "numpy", "math", "self"))
    }


def difference(tree: ast.AST) -> tuple[str, str] | None:
    """Return prediction and target of which a difference is taken; None: of none."""
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left, ast.Sub(), right):
                sides = [_is_target(left), _is_target(right)]
                if sides == [True, False] and _is_place(right):
                    return ast.unparse(right), ast.unparse(left)
                if sides == [False, True] and _is_place(left):
                    return ast.unparse(left), ast.unparse(right)
    return None


def _is_target(node: ast.expr) -> bool:
    match node:
        case ast.Name(name) | ast.Attribute(_, name):
            return bool(TARGET.fullmatch(name) or re.fullmatch(r"y_?[ib]|y[ib]", name))
        case ast.Subscript(of):
            return _is_target(of)
    return False


def _is_place(node: ast.expr) -> bool:
    """Whether a node can be a prediction: a name, an element, a product, a call."""
    if isinstance(node, ast.BinOp):
        return not isinstance(node.left, ast.Constant)
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)


def _picked(body: Sequence[ast.stmt]) -> tuple[str, str] | None:
    """Return the probabilities, and the labels at whose places 1 is taken off."""
    copies = {n: v for n, v, _ in _assigned(body)}
    for item in statements(body):
        match item:
            case ast.AugAssign(
                ast.Subscript(ast.Name(name), ast.Tuple([_, label])), ast.Sub()
            ) if _is_target(label):
                value = copies.get(name)
                match value:
                    case ast.Call(ast.Attribute(ast.Name(of), "copy")):
                        return of, ast.unparse(label)
                    case ast.Call(ast.Attribute(_, "copy"), [ast.Name(of)]):
                        return of, ast.unparse(label)
    return None
