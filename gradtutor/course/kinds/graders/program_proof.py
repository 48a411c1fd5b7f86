"""A code question proved: its solution passes, its starter and its mutants fail."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.graders.expected import drawn, expected, output, weighted
from gradtutor.course.kinds.graders.programs import grade_code, write_mutant
from gradtutor.course.kinds.kind import Finding, expect
from gradtutor.evaluate.check import check_gradients
from gradtutor.graph import ShapeError
from gradtutor.language import SourceError
from gradtutor.messages import tr


def code_findings(question: Question, folder: Path) -> Iterator[Finding]:
    """Yield what is wrong with the files of a code question."""
    try:
        expected(question, 0)
        yield from _gradient_check(question)
    except (SourceError, ShapeError, ValueError) as error:
        message = tr("the expected value cannot be computed: {error}", error=error)
        yield message, "", ()
        return
    name = question.fields["file"]
    verdict = grade_code(question, folder / "solution" / name, explain=False)
    yield from expect(verdict, "correct", tr("the solution"))
    if verdict.status != "correct":
        return
    verdict = grade_code(question, folder / "starter" / name, explain=False)
    if verdict.status == "correct":
        yield tr("the starter passes as it is"), tr("leave a TODO to do"), ()
    with tempfile.TemporaryDirectory() as place:
        for mutant in question.mutants:
            path = write_mutant(mutant, question, folder, Path(place))
            verdict = grade_code(question, path, explain=False)
            if verdict.status not in ("wrong", "invalid"):
                message = tr(
                    "mutant {name} is graded {status}",
                    name=mutant.name,
                    status=verdict.status,
                )
                yield message, "", ()


def _gradient_check(question: Question) -> Iterator[Finding]:
    """Compare the expected gradients with finite differences."""
    if question.fields["check"] != "gradient":
        return
    rng = np.random.default_rng(0)
    made, formula = drawn(question, rng), question.fields["forward"]
    upstream = rng.normal(size=output(formula, made).shape)
    for row in check_gradients(*weighted(formula, made, upstream)):
        if row.ok is False:
            numbers = tr(
                "{analytic:.6g}, by finite differences {numeric:.6g}",
                analytic=row.analytic,
                numeric=row.numeric,
            )
            message = tr(
                "the gradient of {name} is {numbers}", name=row.name, numbers=numbers
            )
            yield message, tr("report this"), ()
