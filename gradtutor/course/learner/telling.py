"""What a learner is told of an answer: the lesson's words, the stock's, the facts."""

from __future__ import annotations

import string
from typing import Any

from gradtutor.audit import misconceptions
from gradtutor.course.content.model import Question
from gradtutor.course.kinds.verdict import Note, Verdict
from gradtutor.course.locale.words import say, words
from gradtutor.course.shown.asking import Shown

#: Values of a note that name options or steps, which are told by letter and words.
NAMED = ("first", "second", "items")


def told(shown: Shown, question: Question, verdict: Verdict) -> list[str]:
    """Return the paragraphs, in Markdown, that a verdict is told with."""
    words = shown.words(question)
    if verdict.status == "correct":
        named = [words.feedback.get(name, "") for name in verdict.mistakes]
        return [shown.filled(text) for text in [*named, words.right] if text]
    if question.kind == "circuit":  # each slip has its feedback in its own note
        return [_note(shown, question, note) for note in verdict.notes]
    texts = [feedback(shown, question, name) for name in verdict.mistakes]
    texts = [text for text in texts if text]
    # The audit gives its reason in English only; where it has a page, that says the
    # same in both languages.
    spoken = [
        note for note in verdict.notes if note.key != "audit" or shown.language == "en"
    ]
    return texts + [_note(shown, question, note) for note in spoken]


def feedback(shown: Shown, question: Question, name: str) -> str:
    """Return the feedback on a known mistake: the lesson's, else the stock's."""
    own = shown.words(question).feedback.get(name)
    if own:
        return shown.filled(own)
    if question.kind == "code" and name in misconceptions.names():
        page = misconceptions.page(name, shown.language)
        command = say(shown.language, "page", name=name)
        return f"**{page.title}**\n\n{page.what}\n\n{command}"
    return (
        say(shown.language, f"mistake {name}") if f"mistake {name}" in words() else ""
    )


def _note(shown: Shown, question: Question, note: Note) -> str:
    values = {key: _told(shown, question, key, one) for key, one in note.values.items()}
    if note.key == "blank-number":  # a note about what stands in a blank
        inner = note.values["values"].items()
        given = {key: _told(shown, question, key, one) for key, one in inner}
        message = say(shown.language, values["key"], **given)
        return say(shown.language, note.key, name=values["name"], message=message)
    if note.key == "blank-mistake":
        values["feedback"] = feedback(shown, question, str(note.values["mistake"]))
    return say(shown.language, note.key, **values)


def _told(shown: Shown, question: Question, key: str, value: Any) -> Any:
    if key not in NAMED or not shown.words(question).items:
        return value
    if isinstance(value, list | tuple):
        return [_item(shown, question, one) for one in value]
    return _item(shown, question, value)


def _item(shown: Shown, question: Question, name: str) -> str:
    letter = string.ascii_lowercase[shown.choices(question).index(name)]
    words = shown.filled(shown.words(question).items[name])
    return f"{letter}) {' '.join(words.split())}"
