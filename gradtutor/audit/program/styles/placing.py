"""Calls of a person's functions with what their arguments were taken for."""

from __future__ import annotations

from collections.abc import Sequence

from gradtutor.audit.program.calls import Bind, Call, Expr, Ref
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.values import Values


def by_place(function: Function, roles: Sequence[tuple[str, Expr]]) -> set[str]:
    """Return the arguments that can be given by their places: no gap before them."""
    given = [name for name, _ in roles]
    names = []
    for name in function.arguments:
        if name not in given:
            break
        names.append(name)
    return set(names)


def called(function: Function, values: Values, name: str) -> Bind:
    """Call a function with what its arguments were taken for."""
    given = [(n, values.values[n]) for n in function.arguments if n in values.values]
    first = by_place(function, given)
    return Bind(
        name,
        Call(
            Ref(function.name),
            tuple(v for n, v in given if n in first),
            tuple((n, v) for n, v in given if n not in first),
        ),
    )
