"""What a loop of a script does: its updates, its loss, what it reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradtutor.audit.program.naming import RATE, is_gradient_name

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
    """

    function: str
    line: int
    parameters: tuple[str, ...]
    squares: str = ""


@dataclass(frozen=True)
class Update:
    """One step of one parameter: its statement, and the gradient as text."""

    statement: ast.stmt
    parameter: str
    gradient: str

    @property
    def result(self) -> str:
        """The gradient's name."""
        named = self.gradient.isidentifier()
        return self.gradient if named else f"d_{self.parameter}"

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


def updates_of(loop: ast.For | ast.While) -> Iterator[Update]:
    """Yield the steps: ``W -= lr * dW``, ``w = w - lr * dw``, ``s += delta @ W``."""
    for item in statements(loop.body):
        match item:
            case ast.AugAssign(ast.Name(name), ast.Sub() | ast.Add() as op, value):
                pass
            case ast.Assign(
                [ast.Name(name)],
                ast.BinOp(ast.Name(same), ast.Sub() | ast.Add() as op, value),
            ) if same == name:
                pass
            case _:
                continue
        gradient = _gradient(value)
        if gradient:
            added = isinstance(op, ast.Add)
            yield Update(item, name, f"-({gradient})" if added else gradient)


def _gradient(value: ast.expr) -> str:
    """Return what a step is a multiple of; empty where it is no gradient's."""
    factors = list(_factors(value))
    rates = [f for f in factors if isinstance(f, ast.Name) and RATE.fullmatch(f.id)]
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


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            yield from _factors(left)
            yield from _factors(right)
        case ast.BinOp(left, ast.Div(), _):
            yield from _factors(left)
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
    """Yield the names that statements give values to."""
    for item in statements(body):
        targets = getattr(item, "targets", None) or [getattr(item, "target", None)]
        for target in targets:
            for node in ast.walk(target) if target is not None else ():
                if isinstance(node, ast.Name):
                    yield node.id


def read_names(loop: ast.AST) -> list[str]:
    """Return the names that a loop reads, in order."""
    nodes = sorted(
        (n for n in ast.walk(loop) if isinstance(n, ast.Name)),
        key=lambda n: (n.lineno, n.col_offset),
    )
    return list(dict.fromkeys(n.id for n in nodes))
