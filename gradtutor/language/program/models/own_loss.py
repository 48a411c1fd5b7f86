"""A loss that a program writes out: the mean of (y - output)**2, or of its sizes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.models.settings import make_setting

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: What a step makes of an error: a difference's square, or its size.
STEPS = {"square": "square", "abs": "abs", "absolute": "abs", "fabs": "abs"}
MEANS = ("mean", "reduce_mean", "average")
SUMS = ("sum", "reduce_sum")
LOSSES = {"square": "mse_loss", "abs": "l1_loss"}


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
