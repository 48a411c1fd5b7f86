"""Audit a gradient function in a person's file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from gradtutor.audit.closer.refining import refined
from gradtutor.audit.closer.rereading import (
    also,
    of_a_column,
    of_fitted,
    of_reshaped,
    of_their_shapes,
    of_vectors,
    of_zeros_and_ones,
    other_targets,
)
from gradtutor.audit.compare import rows
from gradtutor.audit.hints import guarded
from gradtutor.audit.judging import Run, audited, explained_run, if_right, run_of
from gradtutor.audit.program.arguments import Given
from gradtutor.audit.program.pairs import Pair, pairs, with_forward
from gradtutor.audit.program.source import (
    OutOfTimeError,
    Program,
    ProgramError,
    read_program,
)
from gradtutor.audit.report import Report
from gradtutor.audit.request import FORWARD, Request
from gradtutor.audit.task import Task
from gradtutor.audit.tasks import make_task, requested
from gradtutor.messages import tr

#: What an argument of another shape than was guessed looks like.
OF_OTHER_SHAPES = {"wrong-shape", "bias-not-summed", ""}


def audit_function(
    path: str | Path,
    function: str = "backward",
    arguments: Mapping[str, Given] | None = None,
    formula: str = "",
    *,
    forward: str = FORWARD,
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
        what is missing is taken from ``SHAPES = {...}`` in the file, or is found by
        trying what the argument's name suggests.
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
    request = Request(arguments or {}, formula, forward, returns, seed, timeout)
    found = [
        audit_pair(program, p, request) for p in requested(program, function, request)
    ]
    return next((one for one in found if one.ok is False), found[0])


def audit_pair(program: Program, pair: Pair, request: Request) -> Report:
    """Audit one pair of functions, in each reading of its text.

    Raises
    ------
    ProgramError, OutOfTimeError
        As ``audit_function``.
    """
    first: Report | None = None
    for task in make_task(program, pair, request):
        task, report = _read(task, request)
        if report.ok:
            report = _otherwise(task, request) or report
        if report.ok is False:
            report = refined(task, report)
        if report.ok or first is None:
            first = report if report.ok or first is None else first
        if first.ok:
            break
    assert first is not None  # there is always one reading
    return first


def _read(task: Task, request: Request) -> tuple[Task, Report]:
    """Return a task's report; where it is wrong, that of a reading that is right.

    The other readings are measured before anything is explained: that takes longest.
    """
    run = run_of(task)
    if run.report.ok is False and (flat := of_reshaped(task)) is not None:
        task, run = flat, run_of(flat)
    if run.report.ok is not False:
        return task, run.report
    if (other := of_fitted(task)) is not None:
        run = min((run, *_runs_of_fitted(other)), key=_wrong)
        task = run.task
        if run.report.ok:
            return task, run.report
    for reread in (other_targets, of_vectors, of_a_column, of_zeros_and_ones):
        other = reread(task)
        if other is not None and (right := if_right(other)):
            return task, right
    shaped = of_their_shapes(task)
    wrong = [row for row in run.report.gradients if row.ok is False]
    by_shapes = bool(wrong) and all(np.isinf(row.relative_error) for row in wrong)
    if shaped and by_shapes and (right := if_right(shaped)):
        return task, right
    report = explained_run(run, request)
    if shaped and report.misconception in OF_OTHER_SHAPES:
        report = (None if by_shapes else if_right(shaped)) or report
        if not report.ok and not report.misconception:
            named = audited(shaped, request)
            report = named if named.misconception else report
    return task, report


def _runs_of_fitted(task: Task) -> Iterator[Run]:
    """Yield the runs of a task with other shapes that have points and raise nothing."""
    for one in (task, of_zeros_and_ones(task)):
        try:
            run = run_of(one) if one is not None else None
        except OutOfTimeError:
            raise
        except ProgramError:
            continue
        if run is None or not run.report.gradients:
            continue
        yield run
        if run.report.ok is not False:
            return


def _wrong(run: Run) -> int:
    """Return how many gradients are wrong."""
    return sum(row.ok is False for row in run.report.gradients)


def _otherwise(task: Task, request: Request) -> Report | None:
    """Return the report of other settings with which the gradients are wrong."""
    for other in also(task):
        try:
            measured = other.measure()[0]
            found = rows(measured, guarded=guarded(task)) if measured else ()
        except ProgramError:
            continue
        if any(row.ok is False for row in found):
            report = audited(other, request)
            if report.ok is False:
                return report
    return None


def everything(program: Program, forward: str = FORWARD) -> list[Pair]:
    """Return all that can be checked in a file; or what is the gradient of a function.

    Raises
    ------
    ProgramError
        When there is nothing.
    """
    if forward != FORWARD:
        return with_forward(program, forward)
    found = pairs(program)
    if not found:
        there = ", ".join(f.signature for f in program.functions.values())
        there = there or tr("no functions")
        raise ProgramError(
            tr(
                "{path}: no function is the gradient of another; it has: "
                "{there}\n"
                "name two of them forward and backward, or f and "
                "f_backward; or say which: FILE.py:NAME --forward OTHER",
                path=program.path,
                there=there,
            )
        )
    return found
