"""Blocks and functions of a program that work without gradients: ``no_grad``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Blocks in which nothing gets a gradient.
QUIET = frozenset(("no_grad", "inference_mode"))


def is_quiet(run: Interpreter, call: ast.expr, scope: Any) -> bool:
    """Whether ``with`` this, or a function marked by it, works without gradients."""
    called = call.func if isinstance(call, ast.Call) else call
    name = getattr(called, "attr", getattr(called, "id", ""))
    given = call.args if isinstance(call, ast.Call) else []
    if name in QUIET:
        return not given or run.evaluate(given[0], scope) is not False
    off = name == "set_grad_enabled" and bool(given)
    return off and run.evaluate(given[0], scope) is False
