"""The answers of a lesson, over all its variants: right ones pass, wrong ones fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gradtutor.course.content.model import Lesson, Question
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.variants import filled_question, parameters, variants
from gradtutor.course.kinds import kind_of
from gradtutor.course.kinds.kind import Finding
from gradtutor.course.lint.places import Places
from gradtutor.graph import ShapeError
from gradtutor.language import SourceError
from gradtutor.messages import tr


def answer_problems(lesson: Lesson) -> list[Problem]:
    """Return what is wrong with a lesson's answers, each finding once."""
    places = Places(lesson)
    found: dict[tuple[str, str, tuple[str | int, ...]], Problem] = {}
    seen: set[str] = set()
    for variant in range(variants(lesson)):
        try:
            numbers = parameters(lesson, variant)
        except (SourceError, ValueError) as error:
            return [places.toml(("derived",), f"variant {variant}: {error}")]
        shown = ", ".join(f"{name} = {value:g}" for name, value in numbers.items())
        for question in lesson.questions:
            filled = filled_question(question, numbers)
            if repr(filled) in seen:
                continue
            seen.add(repr(filled))
            for message, hint, keys in _checked(filled, lesson.folder):
                key = (question.id, message.split(": ")[0], tuple(keys))
                where = f" (with {shown})" if shown else ""
                problem = places.question(question, message + where, hint, *keys)
                found.setdefault(key, problem)
    return list(found.values())


def _checked(question: Question, folder: Path) -> Iterator[Finding]:
    """Check one question; what cannot be read is a finding too."""
    try:
        yield from kind_of(question).proof(question, folder)
    except (SourceError, ShapeError, ValueError, KeyError) as error:
        yield tr("cannot be graded: {error}", error=error), "", ("answer",)
