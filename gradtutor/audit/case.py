"""What is known before the search for a mistake; gradients that are averaged."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gradtutor.audit.compare import rows
from gradtutor.audit.program.shapes import BIAS, WEIGHT
from gradtutor.audit.report import GradientRow, Place, Report
from gradtutor.audit.task import Measured, Task
from gradtutor.messages import tr

COUNTS = {"m", "N", "n", "batch_size", "num_examples", "n_samples", "m_examples"}


@dataclass(frozen=True)
class Case:
    """What is known before the search for the mistake.

    Attributes
    ----------
    scales : mapping
        By how much gradients that are averaged, as taught, are to be multiplied.
    """

    task: Task
    measured: Sequence[Measured]
    rows: tuple[GradientRow, ...]
    printed: str
    scales: Mapping[str, float] = field(default_factory=dict)

    def report(
        self,
        ok: bool | None,
        place: Place | None = None,
        label: str = "",
        reason: str = "",
        others: tuple[str, ...] = (),
    ) -> Report:
        """Return a report with what is known."""
        count = len(self.measured)
        return Report(ok, self.rows, place, label, reason, others, count, self.printed)

    def place(self, line: int, name: str = "") -> Place:
        """Return a line of the person's file."""
        return Place(line, self.task.program.line(line), name)

    @property
    def mutated(self) -> tuple[str, ...]:
        """Arguments that were changed in place."""
        return self.measured[0].mutated


def averaged(case: Case) -> Report | None:
    """Report gradients of parameters that are averaged over the examples, as taught.

    There the cost is a mean, the upstream gradient is each example's, and 1/m stands in
    ``dW`` and ``db``; what is passed on to the layer before has none.
    """
    wrong = [row.name for row in case.rows if row.ok is False]
    sizes = {size for one in case.task.arguments.values() for size in one.shape}
    factors = {_factor(case, name) for name in wrong}
    if not (case.task.plan.has_upstream and 1 < len(wrong) < len(case.rows)):
        return None
    if not divides_by_a_count(case.task.program.text):
        return None
    counts = [m for m in sizes if m > 1 and all(abs(f * m - 1) < 1e-4 for f in factors)]
    if not counts:
        return None
    m, names = counts[0], ", ".join(wrong)
    said = tr(
        "the gradients of {names} are averaged over the {m} examples, as for a cost "
        "that is a mean with the upstream gradient of each example",
        names=names,
        m=m,
    )
    rows = tuple(
        replace(
            row, ok=True, note=tr("1/{m} of the sum: averaged over the examples", m=m)
        )
        if row.name in wrong
        else row
        for row in case.rows
    )
    return replace(case, rows=rows).report(True, reason=said)


def partly_averaged(case: Case) -> Case:
    """Take the gradients of parameters as averaged where some of them are, exactly.

    ``dW`` and ``db`` are divided by m as taught; a mistake beside that is another one.
    """
    wrong = [row.name for row in case.rows if row.ok is False]
    if not case.task.plan.has_upstream or not divides_by_a_count(
        case.task.program.text
    ):
        return case
    sizes = {size for one in case.task.arguments.values() for size in one.shape}
    averages = {
        name: m
        for name in wrong
        for m in sizes
        if m > 1 and abs(_factor(case, name) * m - 1) < 1e-4
    }
    if not averages or len(averages) == len(wrong) == 1:
        return case
    m = float(next(iter(averages.values())))
    parameters = [n for n in wrong if WEIGHT.fullmatch(n) or BIAS.fullmatch(n)]
    for names in ([*averages, *parameters], parameters):
        scaled = _scaled(case, dict.fromkeys(names, m))
        if any(row.ok is False for row in scaled.rows):
            return scaled  # what is passed on is no parameter's, and not averaged
    return case


def _scaled(case: Case, scales: Mapping[str, float]) -> Case:
    measured = [
        replace(
            one, numeric={n: v / scales.get(n, 1.0) for n, v in one.numeric.items()}
        )
        for one in case.measured
    ]
    return replace(case, measured=measured, rows=rows(measured), scales=scales)


def divides_by_a_count(text: str) -> bool:
    """Whether something is divided by the number of examples, under a usual name."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Div)
        and isinstance(node.right, ast.Name)
        and node.right.id in COUNTS
        for node in ast.walk(ast.parse(text))
    )


def _factor(case: Case, name: str) -> float:
    """Return the one factor between two gradients at all points; 0 where it is none."""
    theirs = np.concatenate([np.ravel(one.theirs[name]) for one in case.measured])
    right = np.concatenate([np.ravel(one.numeric[name]) for one in case.measured])
    if theirs.shape != right.shape or not np.isfinite(right).all():
        return 0.0
    factor = float(theirs @ right) / max(float(right @ right), 1e-300)
    same = np.allclose(theirs, factor * right, 1e-4, 1e-6 * float(np.abs(right).max()))
    return factor if same else 0.0
