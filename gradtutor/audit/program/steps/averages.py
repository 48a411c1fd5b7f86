r"""Steps by a momentum or by averages of gradients: the gradient behind them.

Only what scales a whole step is left out: a rate, an average's weights, a root of
squares. A step with other factors or terms (``dW / n``, ``dW + reg * W``) is not read.

>>> body = ast.parse("v = mu * v - lr * dW\nW += v").body
>>> behind(body[1].value, body)
('dW', -1)
>>> body = ast.parse("m = b * m + (1 - b) * dW\nh = m / (1 - b ** t)").body
>>> body += ast.parse("s = b * s + (1 - b) * dW ** 2").body
>>> behind(ast.parse("lr * h / (np.sqrt(s) + eps)").body[0].value, body)
('dW', 1)
>>> body = ast.parse("v = mu * v - lr * (dW + reg * W)\nW += v").body
>>> behind(body[1].value, body)
('', 0)
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gradtutor.audit.program.naming import RATE, is_gradient_name
from gradtutor.audit.program.steps.gathered import (
    is_root,
    is_scaled,
    made_once,
    names_behind,
    names_in,
    running_averages,
    sums_of_squares,
)

Term = tuple[str, int]
#: Of a step by averages that is made of more than one gradient and its weights.
UNREAD: Term = ("", 0)


def behind(value: ast.expr, body: Sequence[ast.stmt]) -> Term | None:
    """Return the gradient that a step is made of, and its sign in the step.

    None where a step is a multiple of the gradient itself: there is nothing behind it.
    UNREAD where it is one by averages, and more than a gradient is behind it.
    """
    body = _loop_around(value, body)
    reading = _Reading.of_body(body)
    averaged = reading.averages.keys() & names_behind(value, reading.made)
    if not (averaged or is_scaled(value, reading.made, reading.squares)):
        return None
    found = reading.of(value)
    return (found.name, found.sign) if found and found.rates <= 1 else UNREAD


def _loop_around(value: ast.expr, body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """Return the body of the innermost loop that a value is in; else the whole."""
    loops = [
        n.body for s in body for n in ast.walk(s) if isinstance(n, ast.For | ast.While)
    ]
    for inner in reversed(loops):  # ast.walk gives the outer ones first
        if any(n is value for s in inner for n in ast.walk(s)):
            return inner
    return body


def averages_of(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that keep a part of what they were, by way of a gradient."""
    reading = _Reading.of_body(body)
    return {name for name in reading.averages if reading.named(name)}


@dataclass(frozen=True)
class _Made:
    """One gradient, its sign, and how many rates it is multiplied by."""

    name: str
    sign: int
    rates: int


@dataclass(frozen=True)
class _Reading:
    made: Mapping[str, ast.expr]
    averages: Mapping[str, tuple[ast.expr, ast.expr]]
    squares: set[str]

    @classmethod
    def of_body(cls, body: Sequence[ast.stmt]) -> _Reading:
        """Read what the statements of a step set and gather."""
        return cls(made_once(body), running_averages(body), sums_of_squares(body))

    def of(self, node: ast.expr, weight: str = "") -> _Made | None:
        """Return the gradient that a value is a multiple of; None if it is more."""
        match node:
            case ast.Name() | ast.Attribute():
                return self.named(ast.unparse(node))
            case ast.UnaryOp(ast.USub(), of):
                found = self.of(of, weight)
                return found and _Made(found.name, -found.sign, found.rates)
            case ast.BinOp(left, ast.Div(), by):
                scales = _is_correction(by) or is_root(by, self.made, self.squares)
                return self.of(left, weight) if scales else None
            case ast.BinOp(left, ast.Mult(), right):
                for factor, other in ((left, right), (right, left)):
                    rates = self._rates(factor, weight)
                    if rates is not None:
                        found = self.of(other, "" if rates == 0 else weight)
                        return found and _Made(
                            found.name, found.sign, found.rates + rates
                        )
        return None

    def named(self, name: str) -> _Made | None:
        """Return the gradient that a name's value is a multiple of."""
        if name in self.averages:
            factor, added = self.averages[name]
            others = {n: a for n, a in self.averages.items() if n != name}
            return replace(self, averages=others).of(added, _rest(factor))
        if is_gradient_name(name):
            return _Made(name, 1, 0)
        if name not in self.made or name in names_in(self.made[name]):
            return None
        made = {n: v for n, v in self.made.items() if n != name}
        return replace(self, made=made).of(self.made[name])

    def _rates(self, node: ast.expr, weight: str) -> int | None:
        """Return how many rates a factor holds; None where it is anything else."""
        if weight and _plain(node) == weight:
            return 0
        match node:
            case ast.Constant(float() as number) if 0 < number < 1:
                return 1
            case ast.Name(name) | ast.Attribute(ast.Name("self"), name):
                if RATE.fullmatch(name):
                    return 1
                made = self.made.get(ast.unparse(node))
                free = made is not None and ast.unparse(node) not in names_in(made)
                return self._rates(made, "") if made is not None and free else None
            case ast.UnaryOp(ast.USub(), _):
                return None
            case ast.BinOp(left, ast.Mult(), right):
                found = self._rates(left, weight), self._rates(right, weight)
                return None if None in found else sum(n for n in found if n is not None)
            case ast.BinOp(left, ast.Div(), by) if _is_correction(by):
                return self._rates(left, weight)
        return 0 if _is_correction(node) else None


def _is_correction(node: ast.expr) -> bool:
    """Whether a factor undoes an average's start at zero: ``1 - b ** t``, its root."""
    match node:
        case ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(_, ast.Pow())):
            return True
        case ast.Call(func, [of]) if ast.unparse(func).endswith("sqrt"):
            return _is_correction(of)
    return False


def _rest(factor: ast.expr) -> str:
    """Return what an average's new part is weighed with: 1 less its factor."""
    match factor:
        case ast.Constant(float() as number):
            return f"{1 - number:.9g}"
    return f"1 - {ast.unparse(factor)}"


def _plain(node: ast.expr) -> str:
    match node:
        case ast.Constant(float() | int() as number):
            return f"{number:.9g}"
        case ast.BinOp(ast.Constant(1), ast.Sub(), ast.Constant(float() as number)):
            return f"{1 - number:.9g}"
    return ast.unparse(node)
