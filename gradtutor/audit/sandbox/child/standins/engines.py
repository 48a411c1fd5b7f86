"""A person's own engine: gradients as arrays, or as its variables."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
import types
from collections.abc import Mapping
from typing import Any

import numpy as np


def backward_of(function: Any, kind: type, upstream: Any) -> tuple[Any, ...]:
    """Call a function's ``backward`` as its engine does.

    Parameters
    ----------
    function : object
        A function of the engine that was called.
    kind : type
        Its class of variables.
    """
    given = np.asarray(upstream)
    found = function.backward(kind(given) if takes_variables(kind) else given)
    return found if isinstance(found, tuple) else (found,)


def takes_variables(kind: type) -> bool:
    """Whether the pass begins with a variable: ``Variable(np.ones_like(...))``."""
    run = getattr(kind, "backward", None)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(run)))  # type: ignore[arg-type]
    except (OSError, TypeError, SyntaxError):
        return False
    makers = {kind.__name__, "as_variable", "Parameter"}
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in makers
        and "ones" in ast.unparse(node)
        for node in ast.walk(tree)
    )


def keep(value: Any, name: str, gradient: Any) -> Any:
    """Keep a gradient on the array that it is the gradient of."""
    setattr(value, name, gradient)
    return value


def held(_: Any, name: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return the gradients that are kept on arrays, by name."""
    found = {n: vars(a).get(name) for n, a in arrays.items() if hasattr(a, "__dict__")}
    return {n: gradient for n, gradient in found.items() if gradient is not None}


def episode(function: Any, rows: Any, inner: str, more: Any) -> dict[str, Any]:
    """Call a function for each row; return its values by name, row by row.

    Parameters
    ----------
    inner : str
        A value inside the function: it is taken from its last moment.
    """
    found: dict[str, list[Any]] = {}

    def seen(frame: types.FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is function.__code__:
            for name, value in frame.f_locals.items():
                if isinstance(value, np.ndarray | np.generic | float):
                    found.setdefault(name, []).append(np.array(value))

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        for row in rows:
            function(row, *more)
    finally:
        sys.setprofile(before)
    stacked = {name: np.stack(values) for name, values in found.items()}
    stacked[inner] = stacked[inner].reshape(len(rows), -1)
    return stacked
