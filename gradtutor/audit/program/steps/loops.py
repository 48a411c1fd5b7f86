"""What a loop of a script does: its updates, its loss, what it reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gradtutor.audit.program.naming import RATE, is_gradient_name
from gradtutor.audit.program.steps.averages import UNREAD, behind, is_of_squares

LOSS = re.compile(r"(?i:(\w*_)?(loss|cost|mse|nll|bce)(_?\w)?)|[JLE]")


ERROR = re.compile(r"(?i:(\w*_)?(err|error|diff|residuals?)(_?\w)?)")


DELTA = re.compile(r"\w*(delta|grad|d_?[A-Z])\w*")


@dataclass(frozen=True)
class Loop:
    """A training loop that has become a function.

    Attributes
    ----------
    function : str
        The function's name in the text that is run.
    line : int
        Where the loop begins.
    parameters : tuple of str
        What each result after the loss is the gradient of.
    squares : str
        The error whose squares the loss is taken to be; empty where a loss is computed.
    assumed, reported, picks, ascends : bool
        Of a function that trains: whether it has no loss, so that prediction and target
        come first; whether its loss is only shown now and then; whether the target
        picks a probability; whether the gradients are added, not taken off.
    own : tuple of str
        The file's functions that the loss may be, ``-mse`` if the target comes first.
    shapes : mapping
        The sizes of arrays, as its text makes them.
    """

    function: str
    line: int
    parameters: tuple[str, ...]
    squares: str = ""
    assumed: bool = False
    reported: bool = False
    picks: bool = False
    ascends: bool = False
    own: tuple[str, ...] = ()
    shapes: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Update:
    """One step of one parameter, ``W`` or ``self.W``: its statement, the gradient.

    Attributes
    ----------
    opposite : str
        What is added to the parameter, where no sign is written: ``W += lr * d``.
    rated : bool
        Whether a learning rate is written.
    """

    statement: ast.stmt
    parameter: str
    gradient: str
    opposite: str = ""
    rated: bool = False

    @property
    def result(self) -> str:
        """The gradient's name."""
        named = self.gradient.isidentifier()
        return self.gradient if named else f"d_{self.name}"

    @property
    def name(self) -> str:
        """The parameter without its object: ``W``."""
        return self.parameter.removeprefix("self.")

    @property
    def made(self) -> str:
        """The statement that gives the gradient a name; empty where it has one."""
        same = self.result == self.gradient
        return "" if same else f"{self.result} = {self.gradient}"


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, those inside others too."""
    for item in body:
        yield item
        if not isinstance(item, ast.FunctionDef | ast.ClassDef):
            for part in ("body", "orelse"):
                yield from statements(getattr(item, part, []))


def updates_of(body: Sequence[ast.stmt]) -> list[Update]:
    """Return the steps: ``W -= lr * dW``, ``w = w - lr * dw``, ``s += delta @ W``.

    None at all where one is by averages of more than a gradient: it cannot be checked.
    """
    found = list(_updates(body))
    return [] if None in found else [one for one in found if one is not None]


def _updates(body: Sequence[ast.stmt]) -> Iterator[Update | None]:
    for item in statements(body):
        match item:
            case ast.AugAssign(
                ast.Name() | ast.Attribute(ast.Name("self")) as target,
                ast.Sub() | ast.Add() as op,
                value,
            ):
                pass
            case ast.Assign(
                [ast.Name() | ast.Attribute(ast.Name("self")) as target],
                ast.BinOp(same, ast.Sub() | ast.Add() as op, value),
            ) if ast.unparse(same) == ast.unparse(target):
                pass
            case _:
                continue
        if is_of_squares(value):
            continue
        found = behind(value, body)
        if found == UNREAD:
            yield None
            continue
        gradient = found[0] if found else _gradient(value)
        if gradient:
            added = isinstance(op, ast.Add) != (found is not None and found[1] < 0)
            given = _negated(gradient) if added else gradient
            opposite = gradient if given == f"-({gradient})" else ""
            rated = any(map(_is_rate, _factors(value)))
            yield Update(item, ast.unparse(target), given, opposite, rated)


def _negated(text: str) -> str:
    """Return the text of a negative: of -x it is x."""
    match ast.parse(text, mode="eval").body:
        case ast.UnaryOp(ast.USub(), inner):
            return ast.unparse(inner)
    return f"-({text})"


def _gradient(value: ast.expr) -> str:
    """Return what a step is a multiple of; empty where it is no gradient's."""
    factors = list(_factors(value))
    rates = [f for f in factors if _is_rate(f)]
    names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    graded = any(is_gradient_name(n) or DELTA.fullmatch(n) for n in names)
    graded |= any(
        isinstance(n, ast.MatMult) or (isinstance(n, ast.Attribute) and n.attr == "dot")
        for n in ast.walk(value)
    )
    if not (rates or graded) or not any(
        not isinstance(f, ast.Constant) for f in factors
    ):
        return ""
    constants = [f for f in factors if isinstance(f, ast.Constant)]
    unwanted: Sequence[ast.expr] = rates or constants
    return ast.unparse(_without(value, unwanted))


def _is_rate(node: ast.expr) -> bool:
    match node:
        case ast.Name(name) | ast.Attribute(ast.Name("self"), name):
            return bool(RATE.fullmatch(name))
    return False


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            yield from _factors(left)
            yield from _factors(right)
        case ast.BinOp(left, ast.Div(), _):
            yield from _factors(left)
        case ast.BinOp(ast.BinOp(_, ast.Mult()) as left, ast.MatMult()):
            yield from _factors(left)  # lr * X.T @ d
        case ast.UnaryOp(ast.USub(), inner):
            yield from _factors(inner)
        case _:
            yield node


def _without(node: ast.expr, unwanted: Sequence[ast.expr]) -> ast.expr:
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            if left in unwanted:
                return _without(right, unwanted)
            if right in unwanted:
                return _without(left, unwanted)
            match left:
                case ast.UnaryOp(ast.USub(), inner) if inner in unwanted:
                    return ast.UnaryOp(ast.USub(), _without(right, unwanted))
            return ast.BinOp(
                _without(left, unwanted), ast.Mult(), _without(right, unwanted)
            )
        case ast.BinOp(ast.BinOp() as left, ast.MatMult(), right):
            return ast.BinOp(_without(left, unwanted), ast.MatMult(), right)
        case ast.BinOp(left, ast.Div(), right):
            over = ast.Constant(1) if left in unwanted else _without(left, unwanted)
            return ast.BinOp(over, ast.Div(), right)
        case ast.UnaryOp(ast.USub(), inner):
            return ast.UnaryOp(ast.USub(), _without(inner, unwanted))
    return node


def loss_of(loop: ast.For | ast.While) -> tuple[str, str]:
    """Return the loss as text; and the error that it is half the squares of."""
    made = [
        (item.targets[0].id, item.value)
        for item in statements(loop.body)
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
    ]
    errors = [n for n, v in made if ERROR.fullmatch(n) and _is_difference(v)]
    losses = [n for n, _ in made if LOSS.fullmatch(n) and n not in errors]
    if losses:
        return losses[-1], ""
    if errors:
        return f"0.5 * ({errors[0]} ** 2).sum()", errors[0]
    return "", ""


def _is_difference(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)


def assigned(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements give values to, those inside others too."""
    for item in statements(body):
        yield from names_set(item)


def names_set(item: ast.stmt) -> Iterator[str]:
    """Yield the names that one statement gives values to: a of ``a[i, y] = 1``."""
    for target in getattr(item, "targets", None) or [getattr(item, "target", None)]:
        yield from _set_by(target)


def _set_by(target: ast.expr | None) -> Iterator[str]:
    match target:
        case ast.Subscript(of):
            yield from _set_by(of)
        case ast.Tuple(items) | ast.List(items):
            for item in items:
                yield from _set_by(item)
        case ast.Starred(of):
            yield from _set_by(of)
        case ast.Name(name):
            yield name


def read_names(loop: ast.AST) -> list[str]:
    """Return the names that a loop reads, in order."""
    nodes = sorted(
        (n for n in ast.walk(loop) if isinstance(n, ast.Name)),
        key=lambda n: (n.lineno, n.col_offset),
    )
    return list(dict.fromkeys(n.id for n in nodes))
