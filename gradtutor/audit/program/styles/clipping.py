"""Gradients that are clipped: whether, and between what."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.source import Program

LOW, HIGH = ("a_min", "min"), ("a_max", "max")


def is_gentle(program: Program, function: Function) -> bool:
    """Whether gradients are clipped, so that small ones must be asked for."""
    return any(_clips(function)) or any(_calls_of_clips(program, function))


def clip_bounds(
    program: Program, function: Function
) -> tuple[tuple[float, float], ...]:
    """Return between which plain numbers something is clipped: (-5, 5)."""
    pairs = [(_bound(n, -2, LOW), _bound(n, -1, HIGH)) for n in _clips(function)]
    found = [(a, b) for a, b in pairs if a is not None and b is not None]
    for call in _calls_of_clips(program, function):
        given = [*call.args, *(k.value for k in call.keywords)]
        tops = [a.value for a in given if isinstance(a, ast.Constant)]
        found += [(-float(t), float(t)) for t in tops if isinstance(t, int | float)]
    return tuple(found)


def _calls_of_clips(program: Program, function: Function) -> Iterator[ast.Call]:
    """Yield calls of the file's functions that clip: ``clip(gradients, 5)``."""
    for node in ast.walk(function.node) if function.node else ():
        match node:
            case ast.Call(ast.Name(name)) if name in program.functions:
                if any(_clips(program.functions[name])):
                    yield node


def _clips(function: Function) -> Iterator[ast.Call]:
    for node in ast.walk(function.node) if function.node else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="clip" | "clamp")):
                yield node


def _bound(call: ast.Call, place: int, names: tuple[str, ...]) -> float | None:
    """Return a bound that is written as a number: an argument's, or by name."""
    named = next((k.value for k in call.keywords if k.arg in names), None)
    here = call.args[place] if named is None and len(call.args) >= 2 else named
    try:
        value = ast.literal_eval(here) if here is not None else None
    except ValueError:
        return None
    return float(value) if isinstance(value, (int, float)) else None
