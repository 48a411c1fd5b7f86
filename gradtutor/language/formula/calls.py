"""Calls: which gate a spelling means, and whether its arguments fit."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gradtutor.gates import SPELLINGS, TIE_RULES, Pointwise
from gradtutor.gates.structural.cells import CELLS
from gradtutor.language.errors import ArgumentError, NotInLanguageError
from gradtutor.language.formula.naming import Named, named
from gradtutor.language.formula.norms import BY_RANK
from gradtutor.language.literals import DECIMAL_COMMA, LARGEST, literal
from gradtutor.language.syntax import Source
from gradtutor.messages import mark, tr

#: PyTorch's words for keywords.
TORCH_WORDS = {"dim": "axis", "keepdim": "keepdims", "dims": "axes"}
SLOPES = ("negative_slope", "alpha", "slope")


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
            tr("{kind} is not in the language", kind=kind),
            source.text,
            source.span(node),
        )
    call = with_plain_arguments(named(source, node))
    name = call.name
    if name == BY_RANK:
        attrs = {str(one.arg): one.value for one in call.keywords}
        return GateCall(name, call.args[:1], attrs={"order": call.args[1], **attrs})
    if name == "prod":
        attrs = _keywords(source, call, {"axis": None})
        return GateCall("prod", call.args[:1], attrs=attrs)
    if name in {"max", "min"} and len(call.args) != 1:
        return _fold(source, node, call)
    gate = SPELLINGS[f"a{name}" if name in {"max", "min"} else name]
    if isinstance(gate, Pointwise):
        return _pointwise(source, node, call, gate)
    _check_count(source, node, call, gate.arity, 0)
    attrs = _keywords(source, call, dict(gate.keywords))
    return GateCall(gate.name, call.args, attrs=attrs)


def _pointwise(
    source: Source, node: ast.Call, call: Named, gate: Pointwise
) -> GateCall:
    """Check a pointwise gate; a slope may be given by PyTorch's keyword for it."""
    slopes = [one for one in call.keywords if one.arg in SLOPES and gate.defaults]
    call = replace(
        call,
        args=call.args + [one.value for one in slopes],
        keywords=[one for one in call.keywords if one not in slopes],
    )
    missing = gate.arity[1] - len(call.args)
    defaults = gate.defaults[len(gate.defaults) - missing :] if missing > 0 else ()
    _check_count(source, node, call, gate.arity, len(defaults))
    _no_keywords(source, call)
    return GateCall(gate.name, call.args, defaults)


def with_plain_arguments(call: Named) -> Named:
    """Return a call whose axis, shape or subscripts are keywords.

    ``sum(x, 1)``, ``x.reshape(2, 3)`` and ``einsum("ij,j->i", A, x)`` give them by
    position, as the libraries do.
    """
    alike = {"max": "amax", "min": "amin", "prod": "sum"}
    gate = SPELLINGS.get(alike.get(call.name, call.name))
    args, keywords = list(call.args), list(call.keywords)
    if gate is None or isinstance(gate, Pointwise) or not args:
        return call
    if gate.name == "einsum" and _is_text(args[0]):
        keywords.append(ast.keyword("subscripts", args.pop(0)))
    elif gate.name in ("reshape", "transpose") and len(args) > 1:
        sizes = args[1] if len(args) == 2 else ast.Tuple(args[1:])
        keywords.append(ast.keyword(next(iter(gate.keywords)), sizes))
        args = args[:1]
    elif len(args) == gate.arity[1] + 1 and _is_axis(args[-1]) and _takes_axis(call):
        keywords.append(ast.keyword("axis", args.pop()))
    return replace(call, args=args, keywords=keywords)


def _takes_axis(call: Named) -> bool:
    """Whether a last whole number is an axis: of max(x, 1) it is not."""
    if "axis" not in getattr(SPELLINGS.get(call.name), "keywords", {"axis": None}):
        return False
    folds = call.name in ("max", "min")
    library = bool(call.prefix) and call.written in ("max", "min", "amax", "amin")
    return call.is_method or library if folds else not _is_number(call.args[0])


def _is_axis(node: ast.expr) -> bool:
    match node:
        case ast.UnaryOp(ast.USub(), ast.Constant(int())):
            return True
        case ast.Constant(int() as value):
            return not isinstance(value, bool)
        case ast.Tuple(items):
            return bool(items) and all(map(_is_axis, items))
    return False


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, str)


def _fold(source: Source, node: ast.Call, call: Named) -> GateCall:
    _check_count(source, node, call, (1, 1000), 0)
    _no_keywords(source, call)
    return GateCall(call.name, call.args, folds=True)


def _check_count(
    source: Source, node: ast.Call, call: Named, arity: tuple[int, int], spare: int
) -> None:
    low, high = arity
    given = len(call.args)
    if not low - spare <= given <= high:
        counts = {"low": low, "high": high, "given": given}
        message = tr(_arity_words(low, high), name=call.written, **counts)
        hint = _surplus(source, node, call) if given > high else ""
        raise ArgumentError(message, source.text, source.span(node), hint)


def _arity_words(low: int, high: int) -> str:
    if high > low:
        return mark("{name} takes {low} to {high} arguments, not {given}")
    if high == 1:
        return mark("{name} takes {high} argument, not {given}")
    return mark("{name} takes {high} arguments, not {given}")


def _surplus(source: Source, node: ast.Call, call: Named) -> str:
    """Say what too many arguments were probably meant as."""
    comma = DECIMAL_COMMA.search(source.plain(node))
    if comma:
        return tr(
            "write the decimal point as a point: {number}",
            number=comma[0].replace(",", "."),
        )
    if isinstance(SPELLINGS.get(call.name), Pointwise):
        return ""
    return tr(
        "it takes a tensor: z = [1, 2, 3] on a line above, then {name}(z)",
        name=call.written,
    )


def _no_keywords(source: Source, call: Named) -> None:
    for item in call.keywords:
        message = tr("{name} takes no keyword arguments", name=call.written)
        raise ArgumentError(message, source.text, source.span(item))


def _keywords(source: Source, call: Named, allowed: dict[str, Any]) -> dict[str, Any]:
    for item in call.keywords:
        name = str(item.arg)
        name = name if name in allowed else TORCH_WORDS.get(name, name)
        if name not in allowed:
            message = tr(
                "{name} has no keyword {word!r}", name=call.written, word=item.arg
            )
            hint = tr("it has {names}", names=", ".join(allowed)) if allowed else ""
            raise ArgumentError(message, source.text, source.span(item), hint)
        read = _flag if isinstance(allowed[name], bool) else READERS[name]
        allowed[name] = read(source, item.value)
    return allowed


def _flag(source: Source, node: ast.expr) -> bool:
    match node:
        case ast.Constant(bool() as value):
            return value
    message = tr("this keyword is True or False")
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
    message = tr(
        "an axis or an index is a whole number, an axis perhaps a tuple of them"
    )
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
        message = tr("this keyword is a tuple of whole numbers")
        raise ArgumentError(message, source.text, source.span(node), tr("as in (2, 2)"))
    return (value,) if isinstance(value, int) else value


def _rows(source: Source, node: ast.expr) -> Any:
    """Read a tuple of tuples: (before, after) or (start, stop, step) for each axis."""
    value = _sizes(source, node)
    rows = value if isinstance(value, tuple) else ()
    if not rows or not all(
        isinstance(row, tuple) and len(row) in (2, 3) for row in rows
    ):
        message = tr("this keyword is a tuple of tuples, one for each axis")
        hint = tr("as in ((0, 0), (1, 1))")
        raise ArgumentError(message, source.text, source.span(node), hint)
    return rows


def read_index(source: Source, node: ast.expr) -> tuple[Any, ...]:
    """Read what stands in x[...]: positions and parts, one for each axis.

    Raises
    ------
    ArgumentError
        When one is neither a whole number nor a part such as 1:3.
    """
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    return tuple(_position(source, item) for item in items)


def _position(source: Source, item: ast.expr) -> Any:
    match item:
        case ast.Slice(low, high, step):
            parts = (low, high, step)
            return tuple(part and _whole(source, part) for part in parts)
    return _whole(source, item)


def _at(source: Source, node: ast.expr) -> Any:
    """Read an index that is written as a keyword: at=(0, (None, 2, None))."""
    return _sizes(source, node)


def _padding(source: Source, node: ast.expr) -> Any:
    match node:
        case ast.Constant("same" | "valid" as word):
            return word
    return _sizes(source, node)


def _subscripts(source: Source, node: ast.expr) -> str:
    match node:
        case ast.Constant(str() as text) if re.fullmatch(
            r"[A-Za-z, ]*(->[A-Za-z ]*)?", text
        ):
            return text if "->" in text else f"{text}->{_implied_output(text)}"
    message = tr('subscripts are text such as "ij,jk->ik"')
    raise ArgumentError(message, source.text, source.span(node))


def _implied_output(text: str) -> str:
    """Return NumPy's output of "ij,jk": the letters that stand once, in order."""
    letters = text.replace(",", "").replace(" ", "")
    return "".join(sorted(one for one in set(letters) if letters.count(one) == 1))


def _number(source: Source, node: ast.expr) -> float:
    given = literal(source, node)
    if given is None or not isinstance(given.value, int | float):
        message = tr("this keyword is a number")
        raise ArgumentError(message, source.text, source.span(node))
    return float(given.value)


def _one_of(*words: str) -> Callable[[Source, ast.expr], str]:
    """Read one of these words."""

    def read(source: Source, node: ast.expr) -> str:
        match node:
            case ast.Constant(str() as word) if word in words:
                return word
        message = f"this keyword is one of {', '.join(map(repr, words))}"
        raise ArgumentError(message, source.text, source.span(node))

    return read


#: How the value of each keyword is read.
READERS: dict[str, Callable[[Source, ast.expr], Any]] = {
    "axis": _axis,
    "subscripts": _subscripts,
    "padding": _padding,
    "cell": _one_of(*CELLS),
    "of": _one_of("z", "reach"),
    "ties": _one_of(*TIE_RULES),
    "eps": _number,
    "value": _number,
    "at": _at,
    "widths": _rows,
    "cuts": _rows,
    **dict.fromkeys(("shape", "axes", "kernel"), _row),
    **dict.fromkeys(("stride", "dilation", "groups"), _sizes),
}
