"""Of several losses that can be meant, the one that the gradients speak for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from gradtutor.audit.compare import rows
from gradtutor.audit.hints import guarded
from gradtutor.audit.program.plan import Plan
from gradtutor.audit.program.source import ProgramError
from gradtutor.audit.report import GradientRow
from gradtutor.audit.task import Measured, Task


def likeliest(tasks: Iterable[Task]) -> Task:
    """Return the first task whose gradients are all right; else the closest one.

    Closest is where most gradients are right, and the others point most nearly along
    the right ones.

    Raises
    ------
    ProgramError
        When none of them runs.
    """
    best: tuple[tuple[int, int, float], Task] | None = None
    first_error: ProgramError | None = None
    for task in tasks:
        try:
            measured = task.measure()[0]
        except ProgramError as error:
            first_error = first_error or error
            continue
        found = rows(measured, guarded=guarded(task)) if measured else ()
        right = sum(row.ok is True for row in found)
        if found and right == len(found):
            return task
        alike = _alike(measured) if measured else -1.0
        score = (right, _right_numbers(found, measured), alike)
        if best is None or score > best[0]:
            best = score, task
    if best is None:
        assert first_error is not None  # there is always one task
        raise first_error
    return best[1]


def _right_numbers(found: Sequence[GradientRow], measured: list[Measured]) -> int:
    """Return how many numbers the right gradients have: of weights, many."""
    return sum(measured[0].theirs[row.name].size for row in found if row.ok)


def _alike(measured: list[Measured]) -> float:
    """Return how near the gradients lie to the lines of the right ones: mean |cos|."""
    found = []
    for one in measured:
        for name, theirs in one.theirs.items():
            right = one.numeric[name]
            if theirs.shape == right.shape and np.isfinite(right).all():
                sizes = float(np.linalg.norm(theirs) * np.linalg.norm(right))
                cosine = abs(float(np.sum(theirs * right))) / max(sizes, 1e-300)
                found.append(min(cosine, 1.0))
    return float(np.mean(found)) if found else -1.0


def otherwise(task: Task, plan: Plan) -> Task:
    """Return the task with another loss behind what is called the same way."""
    same = replace(
        task.plan,
        forward=plan.forward,
        outputs=plan.outputs,
        helper=plan.helper,
        assumed=plan.assumed,
    )
    return replace(task, plan=same)
