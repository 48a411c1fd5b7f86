"""The words of each question: hints, solution, options, feedback."""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.course.content.model import HINTS, Question, QuestionText, Text
from gradtutor.course.content.problems import Problem
from gradtutor.course.kinds import kind_of
from gradtutor.course.kinds.choice import right_options
from gradtutor.messages import tr


def at_heading(
    text: Text, key: tuple[str, ...], message: str, hint: str = ""
) -> Problem:
    """Point at a heading, or at the nearest one above it."""
    while key not in text.lines and key:
        key = key[:-1]
    return Problem(text.path, text.lines.get(key, 1), message, hint)


def word_problems(question: Question, text: Text) -> Iterator[Problem]:
    """Check that a question has the words it needs, and no others."""
    key = ("question", question.id)
    words = text.questions[question.id]
    if not words.body.strip():
        yield at_heading(text, key, tr("question {id} has no words", id=question.id))
    for heading in _missing(question, words):
        message = tr(
            "question {id} has no text under ### {heading}",
            id=question.id,
            heading=heading,
        )
        yield at_heading(text, key, message)
    known = {
        "feedback": _may_have_feedback(question),
        "option": set(question.fields.get("options", ())),
        "item": set(question.fields.get("items", ())),
        "hint": {str(n) for n in range(1, HINTS + 1)},
    }
    for place, line in text.lines.items():
        if place[:2] == key and len(place) == 4 and place[3] not in known[place[2]]:
            message = tr(
                "question {id} has no {place} {place2}",
                id=question.id,
                place=place[2],
                place2=place[3],
            )
            hint = tr(
                "it has {known}", known=", ".join(sorted(known[place[2]])) or "none"
            )
            yield Problem(text.path, line, message, hint)


def _missing(question: Question, words: QuestionText) -> Iterator[str]:
    """Yield the headings that have no text."""
    for n, hint in enumerate(words.hints, 1):
        if not hint:
            yield f"hint {n}"
    if not words.solution:
        yield "solution"
    groups = (
        ("option", question.fields.get("options", ()), words.options),
        ("item", question.fields.get("items", ()), words.items),
        ("feedback", _needs_feedback(question), words.feedback),
    )
    for kind, names, texts in groups:
        yield from (f"{kind} {name}" for name in names if not texts.get(name))


def _needs_feedback(question: Question) -> list[str]:
    own = [mistake.name for mistake in question.mistakes if not mistake.derive]
    own += [mutant.name for mutant in question.mutants]
    right = right_options(question)
    return own + [one for one in question.fields.get("options", ()) if one not in right]


def _may_have_feedback(question: Question) -> set[str]:
    names = {mistake.name for mistake in question.mistakes}
    names |= {mutant.name for mutant in question.mutants}
    names |= set(question.fields.get("options", ())) | set(
        question.fields.get("items", ())
    )
    return names | kind_of(question).stock_mistakes(question)
