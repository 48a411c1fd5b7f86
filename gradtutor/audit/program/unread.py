"""Functions that work gradients out and are not checked: they are told by name."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import is_gradient_name
from gradtutor.audit.program.source import Program
from gradtutor.messages import listed, tr

LEAST = 2  # gradients that a function must work out


def unread(program: Program, checked: Collection[str]) -> list[str]:
    """Return the functions with gradients that no check reaches, by name.

    Parameters
    ----------
    checked : collection of str
        Titles of what is checked, and what it is the gradient of.
    """
    done = {one for title in checked for one in (title, title.partition(",")[0])}
    reached = set(_called(program, done))
    return [
        name
        for name, function in program.functions.items()
        if name not in done | reached
        and name.rpartition(".")[2] not in reached
        and not any(name == f"{owner}.{name.rpartition('.')[2]}" for owner in done)
        and len(set(_worked_out(function))) >= LEAST
    ]


def unread_said(program: Program, names: list[str]) -> str:
    """Say which functions were not checked, with their signatures, and what to do."""
    shown = listed([program.functions[n].signature for n in names])
    return tr(
        "not checked: {names}; to have it checked, say what it is the gradient of: "
        "{path}:{name} --forward FUNCTION",
        names=shown,
        path=program.path,
        name=names[0],
    )


def _called(program: Program, checked: set[str]) -> Iterator[str]:
    """Yield what the checked functions call, and what that calls."""
    left, seen = [n for n in program.functions if _is_of(n, checked)], set()
    while left:
        name = left.pop()
        if name in seen or name not in program.functions:
            continue
        seen.add(name)
        node = program.functions[name].node
        for inner in ast.walk(node) if node else ():
            match inner:
                case ast.Call(ast.Name(of)) | ast.Call(ast.Attribute(_, of)):
                    yield of
                    left += [f for f in program.functions if f.rpartition(".")[2] == of]


def _is_of(name: str, checked: set[str]) -> bool:
    return name in checked or name.partition(".")[0] in checked


def _worked_out(function: Function) -> Iterator[str]:
    """Yield the gradients that a function works out, by the names it gives them."""
    for node in ast.walk(function.node) if function.node else ():
        match node:
            case ast.Assign([ast.Name(name)], value) if is_gradient_name(name):
                if any(isinstance(n, ast.BinOp | ast.Call) for n in ast.walk(value)):
                    yield name
