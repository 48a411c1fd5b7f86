"""A lesson as data for a page: its pieces in both languages, and how to grade them."""

from __future__ import annotations

from typing import Any

from gradtutor.course.content.model import Lesson, Question
from gradtutor.course.kinds import kind_of
from gradtutor.course.learner.telling import feedback
from gradtutor.course.locale.words import words as sentences
from gradtutor.course.shown.asking import Shown, shown_lesson
from gradtutor.course.shown.solution import solution_text
from gradtutor.course.web.markup import html, inline
from gradtutor.messages import LANGUAGES

STOCK = "mistake "


def lesson_data(lesson: Lesson, variant: int) -> dict[str, Any]:
    """Return one variant of a lesson, in every language.

    Returns
    -------
    dict
        ``pieces``: text, pictures and questions in order; ``questions``: by name, the
        words in each language and what they are graded by.
    """
    spoken = {one: shown_lesson(lesson, one, variant) for one in LANGUAGES}
    return {
        "variant": variant,
        "titles": {one: lesson.titles[one] for one in LANGUAGES},
        "pieces": {one: _pieces(shown) for one, shown in spoken.items()},
        "questions": {one.id: _question(spoken, one.id) for one in lesson.questions},
    }


def _pieces(shown: Shown) -> list[dict[str, str]]:
    return [
        {"kind": kind, "body": html(body) if kind == "text" else body}
        for kind, body in shown.pieces()
    ]


def is_live(shown: Shown, picture: str) -> bool:
    """Whether a picture is a circuit that can be played with on a page."""
    return "formula" in shown.picture(picture).fields


def _question(spoken: dict[str, Shown], name: str) -> dict[str, Any]:
    """Return a question: kind, grading, and the words in each language."""
    first = next(iter(spoken.values()))
    question = first.question(name)
    data = {"id": name, "kind": question.kind, "number": question.number}
    data |= {"choices": first.choices(question)}
    words = {one: _words(shown, question) for one, shown in spoken.items()}
    return {**data, "grading": kind_of(question).page(question), "words": words}


def _words(shown: Shown, question: Question) -> dict[str, Any]:
    """Return a question's words as HTML."""
    words = shown.words(question)
    beside = kind_of(question).beside(question)
    body = "\n\n".join(filter(None, (shown.filled(words.body), beside)))
    known = {**words.feedback, **dict.fromkeys(_stock(), "")}
    told = {name: feedback(shown, question, name) for name in known}
    return {
        "body": html(body),
        "choices": {
            name: inline(text) for name, text in shown.choice_texts(question).items()
        },
        "hints": [html(shown.filled(text)) for text in words.hints],
        "solution": html(solution_text(shown, question)),
        "right": html(shown.filled(words.right)) if words.right else "",
        "own": {n: html(shown.filled(text)) for n, text in words.feedback.items()},
        "feedback": {name: html(text) for name, text in told.items() if text},
        "command": f"gradtutor lesson answer {shown.answer_words(question)}",
    }


def _stock() -> list[str]:
    """Return the names of mistakes that have words of the engine's."""
    return [key.removeprefix(STOCK) for key in sentences() if key.startswith(STOCK)]
