"""One task judged: right or wrong by its numbers, then what explains a wrong one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradtutor.audit.case import Case, averaged, partly_averaged
from gradtutor.audit.closer.mending import mended
from gradtutor.audit.closer.rereading import of_one_example
from gradtutor.audit.compare import rows
from gradtutor.audit.explaining import explained, noted, unclean
from gradtutor.audit.hints import differs, guarded, lost_axis, shapes_hint
from gradtutor.audit.program.results_said import unchecked_said
from gradtutor.audit.program.source import OutOfTimeError, ProgramError
from gradtutor.audit.report import Report
from gradtutor.audit.request import Request
from gradtutor.audit.task import Measured, Task
from gradtutor.messages import mark, tr

#: What is raised where an array was expected and a number came.
OF_SHAPES = {"TypeError", "ValueError", "IndexError", "AttributeError"}
OF_SHAPES |= {"AxisError", "LinAlgError"}
SLOW = 1.5  # seconds of the measurement; then smaller shapes are explained
SMALLER = mark("{reason} (with smaller shapes)")
OTHERWISE = mark("{reason} (with other numbers)")


@dataclass(frozen=True)
class Run:
    """What one measurement has shown, with nothing explained yet."""

    task: Task
    measured: Sequence[Measured]
    printed: str
    seconds: float
    report: Report


def run_of(task: Task) -> Run:
    """Measure a task; what its code raises gets the misconception that it shows."""
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
    seconds = _processor_seconds() - start
    report = _report(task, measured, printed, explain=False)
    return Run(task, measured, printed, seconds, report)


def audited(task: Task, request: Request) -> Report:
    """Return the full report of a task."""
    return explained_run(run_of(task), request)


def explained_run(run: Run, request: Request) -> Report:
    """Return the report of a run; if it is wrong, with what explains it."""
    if run.report.ok is not False:
        return run.report
    task, measured = run.task, run.measured
    small = task.smaller()
    slow = small is not None and run.seconds > SLOW
    report = run.report if slow else _report(task, measured, run.printed)
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


def if_right(task: Task) -> Report | None:
    """Return a task's report if its gradients are right."""
    try:
        report = _report(task, *task.measure())
    except ProgramError:
        return None
    return report if report.ok else None
