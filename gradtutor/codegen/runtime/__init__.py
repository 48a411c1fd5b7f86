"""Functions of NumPy that a gate's text may call; a script prints those it needs."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gradtutor.codegen.runtime import (
    convolution,
    losses,
    matrices,
    moving,
    numbers,
    recurrent,
    singular,
)

#: Every function by name, in the order in which scripts print them.
RUNTIME: dict[str, Callable[..., Any]] = {
    name: item
    for module in (recurrent, losses, numbers, moving, matrices, singular, convolution)
    for name, item in vars(module).items()
    if inspect.isfunction(item) and item.__module__ == module.__name__
}


def called(texts: Iterable[str]) -> list[Callable[..., Any]]:
    """Return the helpers that these expressions call, in the order of `RUNTIME`."""
    called: set[str] = set()
    waiting = ["\n".join(texts)]
    while waiting:
        for name in names_in(waiting.pop()):
            if name in RUNTIME and name not in called:  # and what it calls itself
                called.add(name)
                waiting.append(inspect.getsource(RUNTIME[name]))
    return [item for name, item in RUNTIME.items() if name in called]


def names_in(code: str) -> Iterator[str]:
    """Yield the names that Python code reads or writes, as often as they stand there.

    >>> list(names_in("fold_loop(a, out.T)  # not in(here)"))
    ['fold_loop', 'a', 'out']
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            yield node.id
