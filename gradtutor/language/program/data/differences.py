"""A difference between an output and its target, and its square."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.values import Library, Unknown


def combined(op: ast.operator, a: Any, b: Any) -> Data | None:
    """Return what an operator makes of an output and its target, or of their error."""
    if isinstance(op, ast.Sub):
        for output, target in ((a, b), (b, a)):
            if not isinstance(output, Data) or output.of is None or output.error:
                continue
            if _is_target(target):
                return replace(output, error="difference")
        return None
    if not isinstance(a, Data) or a.error != "difference":
        return None
    squares = (isinstance(op, ast.Pow) and b == 2) or (
        isinstance(op, ast.Mult) and a is b
    )
    return replace(a, error="square") if squares else None


def _is_target(value: Any) -> bool:
    """Whether a value is data, in the text or not, and no output of a model."""
    if isinstance(value, Data):
        return value.of is None
    return isinstance(value, Filled | Library | Unknown)
