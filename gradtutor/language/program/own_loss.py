"""A loss that a program writes out: the mean of (y - output)**2, or of its sizes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.fitting import make_setting
from gradtutor.language.program.values import Data, Filled, Library, Unknown

if TYPE_CHECKING:
    from gradtutor.language.program.interpreter import Interpreter

#: What a step makes of an error: a difference's square, or its size.
STEPS = {"square": "square", "abs": "abs", "absolute": "abs", "fabs": "abs"}
MEANS = ("mean", "reduce_mean", "average")
SUMS = ("sum", "reduce_sum")
LOSSES = {"square": "mse_loss", "abs": "l1_loss"}


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


def called(
    run: Interpreter,
    name: str,
    error: Any,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Return what a function makes of an error; its mean or its sum is a loss."""
    if not isinstance(error, Data) or not error.error:
        return None
    if error.error == "difference":
        squares = name in ("pow", "power") and args == [2]
        step = "square" if squares else STEPS.get(name)
        return replace(error, error=step) if step else None
    if name not in (*MEANS, *SUMS) or args or keywords:
        return None
    given = {"reduction": "sum"} if name in SUMS else {}
    setting = make_setting(run, LOSSES[error.error], [], given, node)
    setting = replace(setting, text=run.source.segment(node))
    output = replace(error, error="")
    return run.call(setting, [output], {}, node)
