"""Audit a gradient function in a person's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gradtutor.audit.compare import rows
from gradtutor.audit.diagnosis.tables import Array
from gradtutor.audit.explaining import Case, explained, unclean
from gradtutor.audit.program.arguments import Given
from gradtutor.audit.program.source import OutOfTimeError, ProgramError, read_program
from gradtutor.audit.report import Report
from gradtutor.audit.task import Measured, Task, make_task

#: What is raised where an array was expected and a number came.
OF_SHAPES = {"TypeError", "ValueError", "IndexError", "AttributeError"}
OF_SHAPES |= {"AxisError", "LinAlgError"}


def audit_function(
    path: str | Path,
    function: str = "backward",
    arguments: Mapping[str, Given] | None = None,
    formula: str = "",
    *,
    forward: str = "forward",
    returns: Sequence[str] = (),
    seed: int = 0,
    timeout: float = 10.0,
) -> Report:
    """Compare a person's gradient with finite differences; name the mistake.

    Parameters
    ----------
    path : str or Path
        The person's file.
    function : str
        The gradient function: ``"backward"``, or a class or method with ``forward``
        beside it (``"Layer"``, ``"Layer.backward"``).
    arguments : mapping, optional
        The shape or the value of each argument, ``{"x": (3, 4), "y": "3:0..2"}``;
        what is missing is taken from ``SHAPES = {...}`` in the file, or is a scalar.
        Shapes are filled with seeded normal numbers, anew at each point.
    formula : str, optional
        What is differentiated, in gradtutor's language; without it the file's own
        ``forward``. Where both are there, they are compared too.
    forward : str
        The name of the file's forward function.
    returns : sequence of str, optional
        The arguments whose gradients the function returns, in order; by default read
        off its return statement, else all arguments of the forward function.
    timeout : float
        Seconds for the child process.

    Raises
    ------
    ProgramError
        When the file cannot be read, or the code raises: with line and caret. Its
        ``misconception`` is set where a product fails for want of a transpose.
    OutOfTimeError
        When it does not end in time.
    """
    program = read_program(path)
    task = make_task(
        program, function, arguments or {}, formula, forward, returns, seed, timeout
    )
    try:
        measured, printed = task.measure()
    except OutOfTimeError:
        raise
    except ProgramError as error:
        error.misconception = _by_square_shapes(task) if error.line else ""
        of_shapes = error.line and error.kind in OF_SHAPES
        error.hint = _shapes_hint(task, arguments or {}) if of_shapes else ""
        raise
    return _report(task, measured, printed)


def _report(task: Task, measured: Sequence[Measured], printed: str) -> Report:
    if not measured:
        reason = "no point was found where forward is finite and smooth; give values"
        return Report(None, reason=f"{reason} by --at", printed=printed)
    case = Case(task, measured, rows(measured), printed)
    differs = _differs(task, measured[0])
    if differs:
        return case.report(False, reason=differs)
    if not all(row.ok for row in case.rows):
        return explained(case)
    if measured[0].mutated or not measured[0].repeats:
        return unclean(case)
    return case.report(True)


def _shapes_hint(task: Task, given: Mapping[str, Given]) -> str:
    """Say which arguments were random numbers for want of a shape."""
    known = {*given, *task.program.shapes}
    bare = [name for name, one in task.arguments.items() if not one.shape]
    bare = [name for name in bare if name not in known]
    if not bare:
        return ""
    names = ", ".join(bare)
    sizes = zip(bare, ("3x4", "4x2"), strict=False)
    example = ",".join(f"{name}={size}" for name, size in sizes)
    number = "a plain number" if len(bare) == 1 else "plain numbers"
    return f"{names} had no shape and got {number}: for arrays add --shapes {example}"


def _by_square_shapes(task: Task) -> str:
    """Return the misconception that shows once all sizes are the same, if one does."""
    square = task.with_square_shapes()
    if square is None:
        return ""
    try:
        return _report(square, square.measure()[0], "").misconception
    except ProgramError:
        return ""


# ---- the formula ----


def _differs(task: Task, one: Measured) -> str:
    """Compare forward and its numeric gradient with our own graph of the formula."""
    if not task.formula:
        return ""
    from gradtutor.audit.formula import formula_gradients

    out, gradients = formula_gradients(task.formula, one.point, one.upstream)
    if out.shape != one.out.shape or not np.allclose(out, one.out, 1e-6, 1e-9):
        found = f"{_first(one.out)}, not {_first(out)}"
        return f"forward does not compute {task.formula}: it gives {found}"
    for name, gradient in gradients.items():
        numeric = one.numeric.get(name, gradient)
        known = np.isfinite(numeric)
        if not np.allclose(gradient[known], numeric[known], 1e-4, 1e-6):
            return f"gradient of {name}: our graph and finite differences disagree"
    return ""


def _first(array: Array) -> str:
    return f"{float(array.ravel()[0]):.6g}" + (" ..." if array.size > 1 else "")
