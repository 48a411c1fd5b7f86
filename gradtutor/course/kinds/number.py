"""Number questions: a number, or a formula of numbers, within a tolerance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.keys import Keys
from gradtutor.course.content.model import Mistake, Question
from gradtutor.course.kinds.kind import Closed, Finding, Given, Kind, Numeric, expect
from gradtutor.course.kinds.verdict import Verdict
from gradtutor.messages import tr


class Number(Kind):
    """A number, in a unit or without."""

    name = "number"
    keys = Keys({"answer": read.text}, {"tolerance": read.positive, "unit": read.text})

    def grade(self, question: Question, given: Given) -> Verdict:
        """Grade a number."""
        from gradtutor.course.kinds.graders.numbers import grade_number

        return grade_number(question, given.words)

    def proof(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check that the answer is right, and every known mistake differs from it."""
        from gradtutor.course.kinds.graders.numbers import (
            TOLERANCE,
            reference,
            within,
            wrong_number,
        )

        wanted = reference(question.fields["answer"])
        tolerance = question.fields.get("tolerance", TOLERANCE)
        verdict = self.grade(question, Given([question.fields["answer"]]))
        yield from expect(verdict, "correct", tr("the answer"))
        if 0 < abs(wanted) <= tolerance:
            message = tr(
                "the tolerance {tolerance} is above the answer {wanted:.3g}",
                tolerance=tolerance,
                wanted=wanted,
            )
            yield message, tr("0 would be right: give a smaller tolerance"), ("answer",)
        given: list[tuple[str, float]] = []
        for n, mistake in enumerate(question.mistakes):
            if _underivable(mistake, wanted):
                message = tr(
                    "mistake {name}: a number has derive sign or reciprocal",
                    name=mistake.name,
                )
                yield message, tr("or give answer ="), ("mistake", n)
                continue
            value = wrong_number(mistake, wanted)
            others = [name for name, one in given if within(value, one, tolerance)]
            same = within(value, wanted, tolerance)
            yield from _distinct(n, mistake, value, same, others)
            given.append((mistake.name, value))

    def right(self, question: Question, shown: Sequence[str]) -> str:
        """Return the number to six digits, with its unit."""
        from gradtutor.course.kinds.graders.numbers import reference

        fields = question.fields
        unit = f" {fields['unit']}" if "unit" in fields else ""
        return f"{reference(fields['answer']):.6g}{unit}"

    def page(self, question: Question) -> dict[str, Any]:
        """Return the number, how far off it may be, units, and known mistakes."""
        from gradtutor.course.kinds.answer_text import UNITS
        from gradtutor.course.kinds.graders.numbers import (
            reference,
            tolerance_of,
            wrong_number,
        )
        from gradtutor.course.kinds.json_numbers import json_number

        wanted = reference(question.fields["answer"])
        mistakes = [
            {"name": one.name, "value": json_number(wrong_number(one, wanted))}
            for one in question.mistakes
        ]
        return {
            "wanted": json_number(wanted),
            "tolerance": tolerance_of(question, wanted),
            "unit": question.fields.get("unit", ""),
            "mistakes": mistakes,
            "units": UNITS,
        }

    def closed(self, question: Question) -> Closed:
        """Return the number with the numbers of known mistakes."""
        from gradtutor.course.kinds.graders.numbers import (
            TOLERANCE,
            allowance,
            reference,
            wrong_number,
        )

        value = reference(question.fields["answer"])
        share = question.fields.get("tolerance", TOLERANCE)
        slips = tuple((wrong_number(m, value), m.name) for m in question.mistakes)
        return Closed(numbers=(Numeric("", value, allowance(value, share), slips),))


def _underivable(mistake: Mistake, wanted: float) -> bool:
    """Whether a mistake's rule makes no number of the right one."""
    rule = mistake.derive
    return bool(rule) and (rule not in ("sign", "reciprocal") or not wanted)


def _distinct(
    n: int, mistake: Mistake, value: float, same: bool, others: Sequence[str]
) -> Iterator[Finding]:
    """Yield a finding where a mistake's number is the right one, or another's."""
    if same:
        message = tr(
            "mistake {name} equals the right answer: {value:.6g}",
            name=mistake.name,
            value=value,
        )
        yield message, tr("other numbers, or a smaller tolerance"), ("mistake", n)
    for name in others:
        message = tr(
            "mistakes {name} and {name2} are equal: {value:.6g}",
            name=name,
            name2=mistake.name,
            value=value,
        )
        yield message, tr("other numbers"), ("mistake", n)
