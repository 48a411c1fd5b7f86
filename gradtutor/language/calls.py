"""Calls: which gate a spelling means, and whether its arguments fit."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from gradtutor.gates import SPELLINGS, Pointwise
from gradtutor.language.errors import (
    ArgumentError,
    NotInLanguageError,
    UnknownNameError,
    near,
)
from gradtutor.language.literals import LARGEST
from gradtutor.language.syntax import Source

#: Modules whose prefix is dropped, so that np.exp(x) and torch.relu(x) can be pasted.
PREFIXES = {"np", "numpy", "math", "torch", "F", "nn", "functional", "jnp", "jax", "tf"}


@dataclass(frozen=True)
class GateCall:
    """A checked call: the gate, its argument expressions, defaults and attributes."""

    gate: str
    args: list[ast.expr]
    defaults: tuple[float, ...] = ()
    attrs: dict[str, Any] = field(default_factory=dict)
    folds: bool = False


def read_call(source: Source, node: ast.expr) -> GateCall:
    """Check a call against the table of gates.

    Raises
    ------
    UnknownNameError
        When there is no such gate.
    ArgumentError
        When the number of arguments or a keyword does not fit.
    """
    if not isinstance(node, ast.Call):
        kind = type(node).__name__
        raise NotInLanguageError(
            f"{kind} is not in the language", source.text, source.span(node)
        )
    spelling = _spelling(source, node.func)
    if spelling in {"max", "min"} and len(node.args) != 1:
        return _fold(source, node, spelling)
    if spelling in {"max", "min"}:
        spelling = f"a{spelling}"
    gate = SPELLINGS[spelling]
    if isinstance(gate, Pointwise):
        missing = gate.arity[1] - len(node.args)
        defaults = gate.defaults[len(gate.defaults) - missing :] if missing > 0 else ()
        _check_count(source, node, spelling, gate.arity, len(defaults))
        _no_keywords(source, node, spelling)
        return GateCall(gate.name, node.args, defaults)
    _check_count(source, node, spelling, gate.arity, 0)
    attrs = _keywords(source, node, spelling, dict(gate.keywords))
    return GateCall(gate.name, node.args, attrs=attrs)


def _spelling(source: Source, func: ast.expr) -> str:
    place, names = source.span(func), []
    while isinstance(func, ast.Attribute) and func.attr:
        names.append(func.attr)
        func = func.value
    if not isinstance(func, ast.Name) or (names and func.id not in PREFIXES):
        message = "only gates can be called"
        raise NotInLanguageError(message, source.text, place, "as in exp(x)")
    spelling = names[0] if names else func.id
    if spelling not in SPELLINGS:
        message = f"there is no gate {spelling!r}"
        hint = near(spelling, SPELLINGS) or "a product needs its sign: f*(x)"
        raise UnknownNameError(message, source.text, place, hint)
    return spelling


def _fold(source: Source, node: ast.Call, spelling: str) -> GateCall:
    _check_count(source, node, spelling, (1, 1000), 0)
    _no_keywords(source, node, spelling)
    return GateCall(spelling, node.args, folds=True)


def _check_count(
    source: Source, node: ast.Call, spelling: str, arity: tuple[int, int], spare: int
) -> None:
    low, high = arity
    given = len(node.args)
    if not low - spare <= given <= high:
        count = f"{low} to {high}" if high > low else f"{low}"
        message = f"{spelling} takes {count} argument(s), not {given}"
        raise ArgumentError(message, source.text, source.span(node))


def _no_keywords(source: Source, node: ast.Call, spelling: str) -> None:
    for item in node.keywords:
        message = f"{spelling} takes no keyword arguments"
        raise ArgumentError(message, source.text, source.span(item))


def _keywords(
    source: Source, node: ast.Call, spelling: str, allowed: dict[str, Any]
) -> dict[str, Any]:
    for item in node.keywords:
        if item.arg == "dim" and "axis" in allowed:  # PyTorch's word for it
            item.arg = "axis"
        if item.arg not in allowed:
            message = f"{spelling} has no keyword {item.arg!r}"
            hint = f"it has {', '.join(allowed)}" if allowed else ""
            raise ArgumentError(message, source.text, source.span(item), hint)
        is_flag = isinstance(allowed[item.arg], bool)
        allowed[item.arg] = (_flag if is_flag else _axis)(source, item.value)
    return allowed


def _flag(source: Source, node: ast.expr) -> bool:
    match node:
        case ast.Constant(bool() as value):
            return value
    message = "this keyword is True or False"
    raise ArgumentError(message, source.text, source.span(node))


def _axis(source: Source, node: ast.expr) -> int | tuple[int, ...] | None:
    match node:
        case ast.Constant(None):
            return None
        case ast.Tuple(items):
            return tuple(_whole(source, item) for item in items)
    return _whole(source, node)


def _whole(source: Source, node: ast.expr) -> int:
    sign, number = 1, node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, number = -1, node.operand
    match number:
        case ast.Constant(int() as value) if value < LARGEST and type(value) is int:
            return sign * value
    message = "an axis is a whole number or a tuple of them"
    raise ArgumentError(message, source.text, source.span(node))
