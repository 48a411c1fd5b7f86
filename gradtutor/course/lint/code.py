"""The code of a lesson: solutions pass, starters and mutants fail."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gradtutor.course.content.model import Lesson, Question
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.variants import filled_question, parameters, variants
from gradtutor.course.kinds.code_answer import grade_code, write_mutant
from gradtutor.course.kinds.expected import drawn, expected, output, weighted
from gradtutor.course.lint.places import Places
from gradtutor.evaluate.check import check_gradients
from gradtutor.graph import ShapeError
from gradtutor.language import SourceError
from gradtutor.messages import tr


def code_problems(lesson: Lesson) -> list[Problem]:
    """Return what is wrong with a lesson's code questions, over all variants."""
    places = Places(lesson)
    filled = (
        filled_question(question, parameters(lesson, variant))
        for variant in range(variants(lesson))
        for question in lesson.questions
        if question.kind == "code"
    )
    distinct = {repr(question): question for question in filled}
    return [
        places.question(question, message, hint)
        for question in distinct.values()
        for message, hint in _checked(lesson, question)
    ]


def _checked(lesson: Lesson, question: Question) -> Iterator[tuple[str, str]]:
    try:
        expected(question, 0)
        yield from _gradient_check(question)
    except (SourceError, ShapeError, ValueError) as error:
        yield tr("the expected value cannot be computed: {error}", error=error), ""
        return
    name = question.fields["file"]
    verdict = grade_code(question, lesson.folder / "solution" / name, explain=False)
    if verdict.status != "correct":
        said = "; ".join(f"{note.key} {dict(note.values)}" for note in verdict.notes)
        yield (
            tr(
                "the solution is graded {status}: {said}",
                status=verdict.status,
                said=said,
            ),
            "",
        )
        return
    verdict = grade_code(question, lesson.folder / "starter" / name, explain=False)
    if verdict.status == "correct":
        yield tr("the starter passes as it is"), tr("leave a TODO to do")
    with tempfile.TemporaryDirectory() as place:
        for mutant in question.mutants:
            path = write_mutant(mutant, question, lesson.folder, Path(place))
            verdict = grade_code(question, path, explain=False)
            if verdict.status not in ("wrong", "invalid"):
                yield (
                    tr(
                        "mutant {name} is graded {status}",
                        name=mutant.name,
                        status=verdict.status,
                    ),
                    "",
                )


def _gradient_check(question: Question) -> Iterator[tuple[str, str]]:
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
            yield (
                tr(
                    "the gradient of {name} is {numbers}",
                    name=row.name,
                    numbers=numbers,
                ),
                tr("report this"),
            )
