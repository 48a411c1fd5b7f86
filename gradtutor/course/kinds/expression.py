"""Expression questions: equal to the reference on the domain, in any form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.keys import Keys
from gradtutor.course.content.model import Mistake, Question
from gradtutor.course.kinds.kind import Closed, Finding, Given, Kind, Option, expect
from gradtutor.course.kinds.verdict import Verdict
from gradtutor.messages import tr


class Expression(Kind):
    """A formula in any form."""

    name = "expression"
    keys = Keys(
        {"answer": read.text, "domain": read.intervals},
        {
            "shapes": read.shapes,
            "of": read.text,
            "wrt": read.text,
            "where": read.formulas_by_name,
        },
    )

    def grade(self, question: Question, given: Given) -> Verdict:
        """Grade an expression."""
        from gradtutor.course.kinds.graders.expressions import grade_expression

        return grade_expression(question, given.words)

    def proof(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check that the answer is right, and every mistake is known by its name."""
        from gradtutor.course.kinds.graders.expressions import grade_expression

        answer = question.fields["answer"]
        verdict = grade_expression(question, [answer], prove=False)
        yield from expect(verdict, "correct", tr("the answer {answer}", answer=answer))
        for n, mistake in enumerate(question.mistakes):
            for message, hint in _mistake_findings(question, mistake):
                yield message, hint, ("mistake", n)

    def stock_mistakes(self, question: Question) -> set[str]:
        """Return the broken rules of differentiation, where a derivative is asked."""
        from gradtutor.course.kinds.graders.wrong_rules import RULES

        return set(RULES) if question.fields.get("of") else set()

    def example(self, question: Question) -> str:
        """Return quotes, which the shell needs."""
        return '"…"'

    def right(self, question: Question, shown: Sequence[str]) -> str:
        """Return the reference, as code."""
        return f"`{question.fields['answer']}`"

    def page(self, question: Question) -> dict[str, Any]:
        """Return points, values there, and those of mistakes; no tensors on a page."""
        from gradtutor.course.kinds.graders.expression_page import expression_page

        if question.fields.get("shapes"):
            return super().page(question)
        return expression_page(question)

    def closed(self, question: Question) -> Closed | None:
        """Choose the right formula among known mistakes, as no platform compares."""
        from gradtutor.course.kinds.graders.expressions import candidates

        known: dict[str, str] = {}
        for name, text in candidates(question):
            if name not in known and _differs(question, text):
                known[name] = text
        answer = question.fields["answer"]
        options = {
            text: Option(right=False, text=f"`{text}`", mistake=name)
            for name, text in reversed(known.items())
            if text != answer
        }
        if not options:  # nothing to choose among: a teacher reads it
            return None
        wrong_ones = tuple(reversed(options.values()))
        return Closed((Option(right=True, text=f"`{answer}`"), *wrong_ones))


def _mistake_findings(
    question: Question, mistake: Mistake
) -> Iterator[tuple[str, str]]:
    from gradtutor.course.kinds.graders.expressions import (
        compared,
        known_mistake,
        wrong_answers,
    )
    from gradtutor.course.kinds.graders.wrong_rules import NoRuleError

    try:
        texts = wrong_answers(question, mistake)
    except NoRuleError as error:
        yield tr("mistake {name}: {error}", name=mistake.name, error=error), ""
        return
    texts = [text for text in texts if not compared(question, text, prove=False).same]
    if not texts:
        yield tr("mistake {name} equals the right answer", name=mistake.name), ""
    for text in texts:
        named = known_mistake(question, text)
        if named != mistake.name:
            message = tr(
                "mistake {name}: {text} is taken for {named}",
                name=mistake.name,
                text=text,
                named=named,
            )
            yield message, tr("two mistakes must differ")


def _differs(question: Question, answer: str) -> bool:
    """Whether a wrong answer is wrong: a broken rule may not show in every formula."""
    from gradtutor.course.kinds.graders.expressions import compared
    from gradtutor.graph import ShapeError
    from gradtutor.language import SourceError

    try:
        return compared(question, answer, prove=False).same is False
    except (SourceError, ShapeError):  # sympy's, of no gate of ours
        return False
