"""A lesson's form: anchors in both languages, hints, feedback, files, parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradtutor.course.content.model import Lesson, Text
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.variants import (
    UnknownParameterError,
    fill,
    fill_formula,
    parameters,
)
from gradtutor.course.kinds import kind_of
from gradtutor.course.lint.placed import (
    DIRECTIVE,
    directive_problems,
    indented_blocks,
    language_problems,
    unread_formulas,
)
from gradtutor.course.lint.places import Places
from gradtutor.course.lint.words import at_heading, word_problems
from gradtutor.messages import tr


def form_problems(lesson: Lesson) -> list[Problem]:
    """Return what is wrong with a lesson's form."""
    places = Places(lesson)
    found: list[Problem] = []
    if not lesson.questions:
        found.append(places.toml((), tr("there is no question")))
    for text in lesson.texts.values():
        found += indented_blocks(text)
        found += unread_formulas(text)
        found += _questions(lesson, places, text)
        found += directive_problems(lesson, text)
        found += [
            problem
            for question in lesson.questions
            if question.id in text.questions
            for problem in word_problems(question, text)
        ]
    found += language_problems(lesson)
    found += _kind_problems(lesson, places)
    return found or list(_parameters(lesson, places))


def _questions(lesson: Lesson, places: Places, text: Text) -> list[Problem]:
    """Check that the text has the questions, in the order of the TOML."""
    wanted, given = [question.id for question in lesson.questions], list(text.questions)
    found = [
        places.question(
            question,
            tr("{name} has no ## question {id}", name=text.path.name, id=question.id),
        )
        for question in lesson.questions
        if question.id not in text.questions
    ]
    found += [
        at_heading(
            text, ("question", one), tr("lesson.toml has no question {one}", one=one)
        )
        for one in given
        if one not in wanted
    ]
    if not found and given != wanted:
        first = next(a for a, b in zip(given, wanted, strict=True) if a != b)
        hint = tr("lesson.toml has {wanted}", wanted=", ".join(wanted))
        message = tr("the questions are in another order than in lesson.toml")
        found.append(Problem(text.path, text.lines["question", first], message, hint))
    return found


# ---- what one kind needs ----


def _kind_problems(lesson: Lesson, places: Places) -> Iterator[Problem]:
    for question in lesson.questions:
        for message, hint, keys in kind_of(question).form(question, lesson.folder):
            yield places.question(question, message, hint, *keys)
        for mistake in question.mistakes:
            if (mistake.answer is None) == (not mistake.derive):
                message = tr(
                    "mistake {name} needs answer = or derive =", name=mistake.name
                )
                yield places.question(question, message, tr("one of the two"))


# ---- parameters ----


def _parameters(lesson: Lesson, places: Places) -> Iterator[Problem]:
    """Check that every ``{name}`` is a parameter."""
    from gradtutor.language import SourceError

    try:
        numbers = parameters(lesson, 0)
    except (SourceError, UnknownParameterError) as error:
        yield places.toml(("derived",), f"derived: {error}")
        return
    for place, value in _texts(places.file.data):
        try:
            fill_formula(value, numbers)
        except UnknownParameterError as error:
            yield places.toml(place, str(error), tr("a literal brace is {{ or }}"))
    for text in lesson.texts.values():
        for number, line in enumerate(text.path.read_text("utf-8-sig").splitlines(), 1):
            try:
                fill(DIRECTIVE.sub("", line), numbers)
            except UnknownParameterError as error:
                hint = tr("a literal brace is {{ or }}")
                yield Problem(text.path, number, str(error), hint)


def _texts(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, str]]:
    """Yield every text in TOML data with its place."""
    if isinstance(value, str):
        yield place, value
    items = dict(enumerate(value)) if isinstance(value, list) else value
    for key, item in items.items() if isinstance(items, dict) else ():
        if place[-1:] != ("mutant",) and key != "replace":
            yield from _texts(item, (*place, key))
