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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradtutor.audit.program.naming import RATE, is_gradient_name

Term = tuple[str, int]
#: Of a step by averages that is made of more than one gradient and its weights.
UNREAD: Term = ("", 0)


def behind(value: ast.expr, body: Sequence[ast.stmt]) -> Term | None:
    """Return the gradient that a step is made of, and its sign in the step.

    None where a step is a multiple of the gradient itself: there is nothing behind it.
    UNREAD where it is one by averages, and more than a gradient is behind it.
    """
    body = _loop_around(value, body)
    made, averages, squares = _made(body), _averages(body), _squares(body)
    if not (
        averages.keys() & _reached(value, made) or _is_scaled(value, made, squares)
    ):
        return None
    found = _Reading(made, averages, squares).of(value)
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


def is_of_squares(node: ast.expr) -> bool:
    """Whether a sum is one of squares: ``cache += dW ** 2``, ``cache += dW * dW``."""
    match node:
        case ast.BinOp(_, ast.Pow(), ast.Constant(2)):
            return True
        case ast.BinOp(left, ast.Mult(), right):
            return ast.unparse(left) == ast.unparse(right)
        case ast.Call(ast.Attribute(_, "square")):
            return True
    return False


def averages_of(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that keep a part of what they were, by way of a gradient."""
    made, averages = _made(body), _averages(body)
    reading = _Reading(made, averages, _squares(body))
    return {name for name in averages if reading.named(name)}


# ---- what a body sets ----


def _set(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name, or attribute of self, with what it is set to, in order."""
    for statement in body:
        for item in ast.walk(statement):
            if isinstance(item, ast.Assign):
                for one in item.targets:
                    for target, value in _pairs(one, item.value):
                        if isinstance(target, ast.Name | ast.Attribute):
                            yield ast.unparse(target), value
            if isinstance(item, ast.AugAssign):
                value = ast.BinOp(item.target, item.op, item.value)
                yield ast.unparse(item.target), value


def _made(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """Return what each name that is set once is set to."""
    found = list(_set(body))
    names = [name for name, _ in found]
    return {name: value for name, value in found if names.count(name) == 1}


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    match target, value:
        case ast.Tuple(targets), ast.Tuple(values) if len(targets) == len(values):
            return list(zip(targets, values, strict=True))
    return [(target, value)]


def _averages(body: Sequence[ast.stmt]) -> dict[str, tuple[ast.expr, ast.expr]]:
    """Return the running averages, each with its factor and what is added to it.

    A name is one that is set once, to itself times what no step changes, and more.
    """
    changed = {name for name, _ in _set(body)}
    found = {}
    for name, value in _made(body).items():
        kept = _kept(name, value)
        if kept and not _names(kept[0]) & changed and not _is_read_before(name, body):
            found[name] = kept
    return found


def _kept(name: str, value: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """Return c and d of ``n = c * n + d``, with the sign of d."""
    if not isinstance(value, ast.BinOp):
        return None
    left, right = value.left, value.right
    match value.op:
        case ast.Add():
            pairs = [(left, right), (right, left)]
        case ast.Sub():
            pairs = [(left, ast.UnaryOp(ast.USub(), right))]
        case _:
            return None
    for kept, added in pairs:
        match kept:
            case ast.BinOp(one, ast.Mult(), two):
                others = [f for f in (one, two) if ast.unparse(f) != name]
                if len(others) == 1 and name not in _names(others[0]) | _names(added):
                    return others[0], added
    return None


def _is_read_before(name: str, body: Sequence[ast.stmt]) -> bool:
    """Whether a step reads a name before it is set, as a parameter is read."""
    nodes = [n for s in body for n in ast.walk(s) if isinstance(n, ast.stmt)]
    places = [n.lineno for n in nodes if name in _targets(n)]
    first = min(places, default=0)
    return any(
        n.lineno < first and ast.unparse(n) == name
        for s in body
        for n in ast.walk(s)
        if isinstance(n, ast.Name | ast.Attribute)
    )


def _targets(statement: ast.stmt) -> set[str]:
    return {name for name, _ in _set([statement])}


def _squares(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that gather squares of gradients from step to step."""
    return {
        name
        for name, value in _set(body)
        if name in _names(value)
        and any(isinstance(n, ast.expr) and is_of_squares(n) for n in ast.walk(value))
    }


def _names(node: ast.expr) -> set[str]:
    return {
        ast.unparse(n)
        for n in ast.walk(node)
        if isinstance(n, ast.Name | ast.Attribute)
    }


def _reached(value: ast.expr, made: Mapping[str, ast.expr]) -> set[str]:
    """Return the names that a value is worked out with, but behind no gradient."""
    found: set[str] = set()
    wanted = _names(value)
    while wanted - found:
        name = (wanted - found).pop()
        found.add(name)
        inner = name in made and not is_gradient_name(name)
        wanted |= _names(made[name]) if inner else set()
    return found


def _is_scaled(node: ast.expr, made: Mapping[str, ast.expr], squares: set[str]) -> bool:
    """Whether a step is divided by a root: ``lr * dW / (np.sqrt(cache) + eps)``."""
    return any(
        isinstance(inner, ast.BinOp)
        and isinstance(inner.op, ast.Div)
        and _is_root(inner.right, made, squares)
        for inner in ast.walk(node)
    )


def _is_root(node: ast.expr, made: Mapping[str, ast.expr], squares: set[str]) -> bool:
    """Whether a divisor is the root of gathered squares, with an epsilon or without."""
    match node:
        case ast.BinOp(left, ast.Add(), right):
            return _is_root(left, made, squares) or _is_root(right, made, squares)
        case ast.Call(func, [of, *_]) if ast.unparse(func).endswith("sqrt"):
            return bool(_reached(of, made) & squares)
        case ast.BinOp(of, ast.Pow(), ast.Constant(0.5)):
            return bool(_reached(of, made) & squares)
        case ast.Name(name) if name in made and name not in squares:
            return _is_root(made[name], made, squares)
    return False


# ---- what a step is made of ----


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

    def of(self, node: ast.expr, weight: str = "") -> _Made | None:
        """Return the gradient that a value is a multiple of; None if it is more."""
        match node:
            case ast.Name() | ast.Attribute():
                return self.named(ast.unparse(node))
            case ast.UnaryOp(ast.USub(), of):
                found = self.of(of, weight)
                return found and _Made(found.name, -found.sign, found.rates)
            case ast.BinOp(left, ast.Div(), by):
                scales = _is_correction(by) or _is_root(by, self.made, self.squares)
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
            inner = _Reading(
                self.made,
                {n: a for n, a in self.averages.items() if n != name},
                self.squares,
            )
            return inner.of(added, _rest(factor))
        if is_gradient_name(name):
            return _Made(name, 1, 0)
        made = {n: v for n, v in self.made.items() if n != name}
        if name not in self.made or name in _names(self.made[name]):
            return None
        return _Reading(made, self.averages, self.squares).of(self.made[name])

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
                free = made is not None and ast.unparse(node) not in _names(made)
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
