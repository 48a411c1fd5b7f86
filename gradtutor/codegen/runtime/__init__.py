"""Functions of NumPy that a gate's text may call; a script prints those it needs."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable
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
        for node in ast.walk(ast.parse(waiting.pop())):
            name = node.id if isinstance(node, ast.Name) else ""
            if name in RUNTIME and name not in called:  # and what it calls itself
                called.add(name)
                waiting.append(inspect.getsource(RUNTIME[name]))
    return [item for name, item in RUNTIME.items() if name in called]
