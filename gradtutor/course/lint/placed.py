"""What the prose shows: pictures and questions, the same in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from gradtutor.course.content.model import Lesson, Text
from gradtutor.course.content.problems import Problem
from gradtutor.course.lint.words import at_heading
from gradtutor.messages import LANGUAGES

DIRECTIVE = re.compile(r"\{\{(picture|question)\s+(\S+?)\}\}")


def directive_problems(lesson: Lesson, text: Text) -> Iterator[Problem]:
    """Check that each picture and question named in the prose is there."""
    known = {
        "picture": [picture.name for picture in lesson.pictures],
        "question": [question.id for question in lesson.questions],
    }
    seen: list[tuple[str, str]] = []
    for number, line in enumerate(text.path.read_text("utf-8-sig").splitlines(), 1):
        for match in DIRECTIVE.finditer(line):
            kind, name = match[1], match[2]
            if match[0] != line.strip():
                message = f"{match[0]} must be alone on its line"
                yield Problem(text.path, number, message)
            if name not in known[kind]:
                hint = f"there are {', '.join(known[kind]) or 'none'}"
                yield Problem(text.path, number, f"there is no {kind} {name}", hint)
            if kind == "question" and (kind, name) in seen:
                yield Problem(text.path, number, f"{kind} {name} is placed twice")
            seen.append((kind, name))
    for name in known["picture"]:
        if ("picture", name) not in seen:
            message = f"the picture {name} is never shown"
            yield Problem(text.path, 1, message, f"{{{{picture {name}}}}} shows it")


def language_problems(lesson: Lesson) -> Iterator[Problem]:
    """Check that both languages show the same things, in the same order."""
    if set(lesson.texts) != set(LANGUAGES):
        return
    one, two = (lesson.texts[language] for language in LANGUAGES)
    keys = [key for key in one.lines if key]
    others = [key for key in two.lines if key]
    shown, shown_too = (
        [match[0] for match in DIRECTIVE.finditer(text.prose)] for text in (one, two)
    )
    for key in keys:
        if key not in two.lines:
            message = f"{' '.join(key)} stands in {one.path.name} only"
            yield at_heading(two, key, message)
    for key in others:
        if key not in one.lines:
            message = f"{' '.join(key)} stands in {two.path.name} only"
            yield at_heading(one, key, message)
    for a, b in zip_longest(shown, shown_too):
        if a != b:
            message = f"the prose shows {b or 'no more'} where {one.path.name} has {a}"
            yield Problem(two.path, 1, message)
            return


def indented_blocks(text: Text) -> Iterator[Problem]:
    """Find code that is only indented; a list's lines look the same."""
    fenced, before = False, ""
    for number, line in enumerate(text.path.read_text("utf-8-sig").splitlines(), 1):
        fenced ^= line.startswith("```")
        opens = not before.strip() and line.startswith("    ") and line.strip()
        if opens and not fenced:
            yield Problem(
                text.path, number, "an indented block", "use a fence: ```text"
            )
        before = line
