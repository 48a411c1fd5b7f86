"""What a file's text and a formula say beside the numbers."""

from __future__ import annotations

import ast
import re

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.program.source import ProgramError
from gradtutor.audit.task import Measured, Task
from gradtutor.messages import listed, tr

Array = NDArray[np.float64]
LARGEST_GUARD = 1e-6


def guarded(task: Task) -> bool:
    """Whether the file adds tiny numbers, so that nothing is divided by 0."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and any(_tiny(side) for side in (node.left, node.right))
        for node in ast.walk(ast.parse(task.program.text))
    )


def _tiny(node: ast.expr) -> bool:
    match node:
        case ast.Constant(float(value)):
            return 0 < abs(value) <= LARGEST_GUARD
        case ast.Name(name) | ast.Attribute(_, name):
            return name in ("delta", "eps", "epsilon")
    return False


def shapes_hint(task: Task) -> str:
    """Say which arguments got which shapes, for want of better knowledge."""
    if not task.guessed:
        return ""
    return f"{_shapes_said(task)}\n{_line_said(task)}"


def _line_said(task: Task) -> str:
    """Say which function was called, and which line states the shapes."""
    function = task.program.functions.get(task.plan.function)
    pairs = (f'"{n}": {task.arguments[n].shape}' for n in task.guessed)
    return tr(
        "{signature} was called so; to have it called otherwise, add this line "
        "with your shapes: {line}",
        signature=function.signature if function else task.plan.function,
        line="SHAPES = {" + ", ".join(pairs) + "}",
    )


def _shapes_said(task: Task) -> str:
    shapes = ", ".join(f"{n} {_shown(task.arguments[n].shape)}" for n in task.guessed)
    sizes = zip(task.guessed, ("3x4", "4x2"), strict=False)
    example = ",".join(f"{name}={size}" for name, size in sizes)
    told = {"names": listed(task.guessed), "shapes": shapes, "example": example}
    if len(task.guessed) > 1:
        return tr(
            "{names} had no shape and got these: {shapes}; others: --shapes {example}",
            **told,
        )
    return tr(
        "{names} had no shape and got one: {shapes}; others: --shapes {example}",
        **told,
    )


def _shown(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "()"


def lost_axis(line: str, error: ProgramError) -> bool:
    """Whether a sum without its axis does not fit what it stands beside."""
    summed = re.search(r"\.(sum|mean|max|min|var|std)\([^()]*(axis|dim) ?=", line)
    return bool(summed and "keepdim" not in line and "broadcast" in error.message)


def differs(task: Task, one: Measured) -> str:
    """Compare forward and its numeric gradient with our own graph of the formula."""
    if not task.formula:
        return ""
    from gradtutor.audit.formula import formula_gradients

    out, gradients = formula_gradients(task.formula, one.point, one.upstream)
    if out.shape != one.out.shape or not np.allclose(out, one.out, 1e-6, 1e-9):
        return tr(
            "forward does not compute {formula}: it gives {found}, not {right}",
            formula=task.formula,
            found=_first(one.out),
            right=_first(out),
        )
    for name, gradient in gradients.items():
        numeric = one.numeric.get(name, gradient)
        known = np.isfinite(numeric)
        if name not in one.bounds and not np.allclose(
            gradient[known], numeric[known], 1e-4, 1e-6
        ):
            return tr(
                "gradient of {name}: our graph and finite differences disagree",
                name=name,
            )
    return ""


def _first(array: Array) -> str:
    return f"{float(array.ravel()[0]):.6g}" + (" ..." if array.size > 1 else "")
