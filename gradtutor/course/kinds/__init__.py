"""The kinds of questions: one class each, and the table that lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.choice import Choice
from gradtutor.course.kinds.circuit import Circuit
from gradtutor.course.kinds.code import Code
from gradtutor.course.kinds.expression import Expression
from gradtutor.course.kinds.kind import Given, Kind
from gradtutor.course.kinds.number import Number
from gradtutor.course.kinds.order import Order
from gradtutor.course.kinds.verdict import Note, Verdict

#: Every kind by the name that a lesson gives it; one more is a file and its line here.
KINDS: dict[str, Kind] = {
    "expression": Expression(),
    "number": Number(),
    "choice": Choice(),
    "circuit": Circuit(),
    "order": Order(),
    "code": Code(),
}


def kind_of(question: Question) -> Kind:
    """Return a question's kind."""
    return KINDS[question.kind]


def grade(
    question: Question,
    answer: Sequence[str],
    shown: Sequence[str] = (),
    folder: Path | None = None,
    texts: Mapping[str, str] | None = None,
) -> Verdict:
    """Grade an answer.

    Parameters
    ----------
    question : Question
        With its variant's numbers filled in.
    answer, shown, folder, texts
        What was given, as in ``Given``.
    """
    return kind_of(question).grade(question, Given(answer, shown, folder, texts))


__all__ = ["KINDS", "Given", "Kind", "Note", "Verdict", "grade", "kind_of"]
