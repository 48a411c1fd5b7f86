"""Calls: which gate a spelling means, and whether its arguments fit."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import Any

from gradtutor.gates import SPELLINGS, Pointwise
from gradtutor.language.errors import ArgumentError, NotInLanguageError
from gradtutor.language.formula.functions.keywords import read_keywords
from gradtutor.language.formula.functions.naming import Named, named
from gradtutor.language.formula.functions.norms import BY_RANK
from gradtutor.language.formula.functions.ranked import RANKED
from gradtutor.language.literals import DECIMAL_COMMA
from gradtutor.language.syntax import Source
from gradtutor.messages import mark, tr

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
    if name in RANKED:
        given = {str(one.arg): one.value for one in call.keywords}
        return GateCall(
            name, call.args[:1], attrs={"more": call.args[1:], "words": given}
        )
    if name == "prod":
        attrs = read_keywords(source, call, {"axis": None})
        return GateCall("prod", call.args[:1], attrs=attrs)
    if name in {"max", "min"} and len(call.args) != 1:
        return _fold(source, node, call)
    gate = SPELLINGS[f"a{name}" if name in {"max", "min"} else name]
    if isinstance(gate, Pointwise):
        return _pointwise(source, node, call, gate)
    _check_count(source, node, call, gate.arity, 0)
    attrs = read_keywords(source, call, dict(gate.keywords))
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


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
