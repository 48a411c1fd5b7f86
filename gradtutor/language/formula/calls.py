"""Calls: which gate a spelling means, and whether its arguments fit."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gradtutor.gates import SPELLINGS, Pointwise
from gradtutor.language.errors import (
    ArgumentError,
    NotInLanguageError,
    UnknownNameError,
    near,
)
from gradtutor.language.literals import DECIMAL_COMMA, LARGEST, literal
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
    if gate.name == "einsum" and node.args and _is_text(node.args[0]):
        first = ast.keyword("subscripts", node.args.pop(0))
        node.keywords.append(ast.copy_location(first, node))
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
        plural = "argument" if high == 1 else "arguments"
        message = f"{spelling} takes {count} {plural}, not {given}"
        hint = _surplus(source, node, spelling) if given > high else ""
        raise ArgumentError(message, source.text, source.span(node), hint)


def _surplus(source: Source, node: ast.Call, spelling: str) -> str:
    """Say what too many arguments were probably meant as."""
    comma = DECIMAL_COMMA.search(source.plain(node))
    if comma:
        return f"write the decimal point as a point: {comma[0].replace(',', '.')}"
    if isinstance(SPELLINGS[spelling], Pointwise):
        return ""
    return f"it takes a tensor: z = [1, 2, 3] on a line above, then {spelling}(z)"


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
        read = _flag if isinstance(allowed[item.arg], bool) else READERS[item.arg]
        allowed[item.arg] = read(source, item.value)
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


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _sizes(source: Source, node: ast.expr) -> Any:
    """Read whole numbers, nested in tuples or alone; None stays None."""
    match node:
        case ast.Constant(None):
            return None
        case ast.Tuple(items) | ast.List(items):
            return tuple(_sizes(source, item) for item in items)
    return _whole(source, node)


def _row(source: Source, node: ast.expr) -> Any:
    """Read a tuple of whole numbers; one number is a tuple of one."""
    value = _sizes(source, node)
    if isinstance(value, tuple) and not all(isinstance(one, int) for one in value):
        message = "this keyword is a tuple of whole numbers"
        raise ArgumentError(message, source.text, source.span(node), "as in (2, 2)")
    return (value,) if isinstance(value, int) else value


def _rows(source: Source, node: ast.expr) -> Any:
    """Read a tuple of tuples: (before, after) or (start, stop, step) for each axis."""
    value = _sizes(source, node)
    rows = value if isinstance(value, tuple) else ()
    if not rows or not all(
        isinstance(row, tuple) and len(row) in (2, 3) for row in rows
    ):
        message = "this keyword is a tuple of tuples, one for each axis"
        hint = "as in ((0, 0), (1, 1))"
        raise ArgumentError(message, source.text, source.span(node), hint)
    return rows


def _padding(source: Source, node: ast.expr) -> Any:
    match node:
        case ast.Constant("same" | "valid" as word):
            return word
    return _sizes(source, node)


def _subscripts(source: Source, node: ast.expr) -> str:
    match node:
        case ast.Constant(str() as text) if re.fullmatch(
            r"[A-Za-z, ]*->[A-Za-z ]*", text
        ):
            return text
    message = 'subscripts are text such as "ij,jk->ik"'
    raise ArgumentError(message, source.text, source.span(node))


def _number(source: Source, node: ast.expr) -> float:
    given = literal(source, node)
    if given is None or not isinstance(given.value, int | float):
        message = "this keyword is a number"
        raise ArgumentError(message, source.text, source.span(node))
    return float(given.value)


#: How the value of each keyword is read.
READERS: dict[str, Callable[[Source, ast.expr], Any]] = {
    "axis": _axis,
    "subscripts": _subscripts,
    "padding": _padding,
    "eps": _number,
    "value": _number,
    "widths": _rows,
    "cuts": _rows,
    **dict.fromkeys(("shape", "axes", "kernel"), _row),
    **dict.fromkeys(("stride", "dilation", "groups"), _sizes),
}
