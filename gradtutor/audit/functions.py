"""Audit a gradient function in a person's file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gradtutor.audit.case import Case, averaged, partly_averaged
from gradtutor.audit.closer.mending import mended
from gradtutor.audit.closer.refining import refined
from gradtutor.audit.closer.rereading import (
    also,
    of_a_column,
    of_one_example,
    of_reshaped,
    of_their_shapes,
    of_vectors,
    of_zeros_and_ones,
    other_targets,
)
from gradtutor.audit.compare import rows
from gradtutor.audit.explaining import explained, noted, unclean
from gradtutor.audit.hints import differs, guarded, lost_axis, shapes_hint
from gradtutor.audit.program.arguments import Given
from gradtutor.audit.program.pairs import Pair, pairs, with_forward
from gradtutor.audit.program.results_said import unchecked_said
from gradtutor.audit.program.source import (
    OutOfTimeError,
    Program,
    ProgramError,
    read_program,
)
from gradtutor.audit.report import Report
from gradtutor.audit.request import FORWARD, Request
from gradtutor.audit.task import Measured, Task
from gradtutor.audit.tasks import make_task, requested
from gradtutor.messages import mark, tr

#: What is raised where an array was expected and a number came.
OF_SHAPES = {"TypeError", "ValueError", "IndexError", "AttributeError"}
OF_SHAPES |= {"AxisError", "LinAlgError"}
#: What an argument of another shape than was guessed looks like.
OF_OTHER_SHAPES = {"wrong-shape", "bias-not-summed", ""}
SLOW = 1.5  # seconds of the measurement; then smaller shapes are explained
SMALLER = mark("{reason} (with smaller shapes)")
OTHERWISE = mark("{reason} (with other numbers)")


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
        report = _audited(task, request)
        if report.ok is False and (flat := of_reshaped(task)) is not None:
            task = flat
            report = _audited(task, request)
        if report.ok is False and (other := other_targets(task)) is not None:
            turned = _audited(other, request)
            report = turned if turned.ok else report
        for reread in (of_vectors, of_a_column, of_zeros_and_ones):
            if report.ok is False and (other := reread(task)) is not None:
                report = _if_right(other) or report
        if report.ok is False and report.misconception in OF_OTHER_SHAPES:
            other = of_their_shapes(task)
            report = (_if_right(other) if other else None) or report
            if other and not report.ok and not report.misconception:
                named = _audited(other, request)
                report = named if named.misconception else report
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


def _otherwise(task: Task, request: Request) -> Report | None:
    """Return the report of other settings with which the gradients are wrong."""
    for other in also(task):
        try:
            measured = other.measure()[0]
            found = rows(measured, guarded=guarded(task)) if measured else ()
        except ProgramError:
            continue
        if any(row.ok is False for row in found):
            report = _audited(other, request)
            if report.ok is False:
                return report
    return None


def _if_right(task: Task) -> Report | None:
    """Return a task's report if its gradients are right."""
    try:
        report = _report(task, *task.measure())
    except ProgramError:
        return None
    return report if report.ok else None


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


def _audited(task: Task, request: Request) -> Report:
    start = _processor_seconds()
    try:
        measured, printed = task.measure()
    except OutOfTimeError:
        raise
    except ProgramError as error:
        if lost_axis(task.program.line(error.line or 0), error):
            error.misconception = "keepdims"
        elif "Cannot cast ufunc" in error.message:
            error.misconception = "integer-array"
        else:
            error.misconception = _by_square_shapes(task) if error.line else ""
        of_shapes = error.line and error.kind in OF_SHAPES
        error.hint = shapes_hint(task) if of_shapes else ""
        raise
    small = task.smaller()
    slow = small is not None and _processor_seconds() - start > SLOW
    report = _report(task, measured, printed, explain=not slow)
    if report.ok is not False:
        return report
    if small is not None and slow:
        report = _as_there(report, small, SMALLER)
    if report.gradients:
        report = mended(task, measured, report)
    if report.misconception:
        return report
    if small is not None and not slow:
        report = _as_there(report, small, SMALLER)
    if not report.misconception:
        other = replace(task, seed=request.seed + 1)
        report = _as_there(report, other, OTHERWISE)
    return report


def _processor_seconds() -> float:
    """Return what this process and its children have used: the same under any load."""
    return float(sum(os.times()[:4]))


def _as_there(report: Report, other: Task, how: str) -> Report:
    """Explain a mistake as it shows with smaller shapes, or with other numbers."""
    try:
        found = _report(other, *other.measure())
    except ProgramError:
        return report
    if found.ok is not False or not found.misconception:
        return report
    return replace(
        report,
        place=found.place,
        misconception=found.misconception,
        reason=tr(how, reason=found.reason) if found.reason else "",
        said=found.said,
        others=found.others,
    )


def _report(
    task: Task, measured: Sequence[Measured], printed: str, *, explain: bool = True
) -> Report:
    report = _verdict(task, measured, printed, explain)
    unchecked = measured[0].unchecked if measured else ()
    if report.ok and unchecked:
        return replace(report, ok=None, reason=unchecked_said(task.plan, unchecked))
    return report


def _verdict(
    task: Task, measured: Sequence[Measured], printed: str, explain: bool
) -> Report:
    if not measured:
        reason = tr(
            "no point was found where forward is finite and smooth; give values by --at"
        )
        return Report(None, reason=reason, printed=printed)
    case = Case(task, measured, rows(measured, guarded=guarded(task)), printed)
    other = differs(task, measured[0])
    if other:
        return case.report(False, reason=other)
    if any(row.ok is False for row in case.rows):
        return averaged(case) or explained(partly_averaged(case), explain=explain)
    if any(row.ok is None for row in case.rows):
        reason = tr(
            "the point lies at a kink, and the gradient beside its two slopes; "
            "move the point a little"
        )
        return case.report(None, reason=reason)
    if not measured[0].repeats or any(n != "upstream" for n in measured[0].mutated):
        return unclean(case)
    return noted(case)


def _by_square_shapes(task: Task) -> str:
    """Return the misconception that shows once all sizes are the same, if one does."""
    square = task.with_square_shapes()
    for one in (square, of_one_example(square) if square else None):
        with contextlib.suppress(ProgramError):
            if one is not None:
                return _report(one, one.measure()[0], "").misconception
    return ""
