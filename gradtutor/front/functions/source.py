"""The text of functions and classes, as typed into a file or a notebook's cell."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

from gradtutor.errors import TutorError
from gradtutor.messages import tr


class NoSourceError(TutorError):
    """A function or class whose text cannot be found."""


def source_of(thing: Callable[..., Any] | type) -> str:
    """Return the text of a function or a class, not indented.

    Raises
    ------
    NoSourceError
        When it was not typed in anywhere: one of C, or made by ``exec``.
    """
    try:
        found = _class_text(thing) if isinstance(thing, type) else None
        return textwrap.dedent(found or inspect.getsource(thing))
    except (OSError, TypeError):
        name = getattr(thing, "__name__", repr(thing))
        raise NoSourceError(
            tr(
                "the text of {name} is not known here: define it in a cell or a file",
                name=name,
            )
        ) from None


def _class_text(cls: type) -> str | None:
    """Return a class's text from the cell of one of its methods.

    ``inspect`` looks for the module's file, which a notebook's has not.
    """
    for method in vars(cls).values():
        if isinstance(method, FunctionType):
            lines = linecache.getlines(method.__code__.co_filename)
            for node in ast.walk(ast.parse("".join(lines))):
                if isinstance(node, ast.ClassDef) and node.name == cls.__name__:
                    return "".join(lines[node.lineno - 1 : node.end_lineno])
    return None


def program_of(*things: Callable[..., Any] | type) -> str:
    """Return a program with the functions, all they use, and the imports for it."""
    texts: dict[str, str] = {}
    imports: dict[str, str] = {}
    for thing in things:
        _collect(thing, texts, imports)
    return "\n\n".join([*imports.values(), *texts.values()]) + "\n"


def _collect(
    thing: Callable[..., Any] | type, texts: dict[str, str], imports: dict[str, str]
) -> None:
    """Add a function's text after those of what it uses."""
    name = thing.__name__
    if name in texts or name in imports:
        return
    text = source_of(thing)
    texts[name] = ""  # it may use itself
    for used, value in _used(thing, text):
        if isinstance(value, ModuleType):
            imports[used] = f"import {value.__name__} as {used}"
        elif isinstance(value, int | float | str | tuple | list):
            texts.setdefault(used, f"{used} = {value!r}")
        elif isinstance(value, FunctionType | type) and _is_typed(value):
            _collect(value, texts, imports)
        elif callable(value) and getattr(value, "__module__", None):
            imports[used] = f"from {value.__module__} import {value.__name__} as {used}"
    del texts[name]
    texts[name] = text


def _used(thing: Callable[..., Any] | type, text: str) -> Iterator[tuple[str, Any]]:
    """Yield the names that a text takes from around it, with their values."""
    methods = vars(thing).values() if isinstance(thing, type) else [thing]
    around: dict[str, Any] = {}
    for method in methods:
        if isinstance(method, FunctionType):
            around |= method.__globals__
            around |= dict(inspect.getclosurevars(method).nonlocals)
    names = [one.id for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Name)]
    for name in dict.fromkeys(names):
        if name in around and around[name] is not thing:
            yield name, around[name]


def _is_typed(thing: FunctionType | type) -> bool:
    """Whether a function is the person's own, not a library's."""
    module = inspect.getmodule(thing)
    path = getattr(module, "__file__", None) or ""
    return "site-packages" not in path and "/lib/python" not in path


def around(function: Callable[..., Any], name: str) -> Any:
    """Return what a name means where a function was written; None if nothing."""
    return getattr(function, "__globals__", {}).get(name)
