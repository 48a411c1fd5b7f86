"""What the prose shows: pictures and questions, the same in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from gradtutor.course.content.model import Lesson, Text
from gradtutor.course.content.problems import Problem
from gradtutor.course.lint.words import at_heading
from gradtutor.course.web.mathematics import unread
from gradtutor.messages import LANGUAGES, tr

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
                message = tr("{match} must be alone on its line", match=match[0])
                yield Problem(text.path, number, message)
            if name not in known[kind]:
                hint = tr("there are {known}", known=", ".join(known[kind]) or "none")
                yield Problem(
                    text.path,
                    number,
                    tr("there is no {kind} {name}", kind=kind, name=name),
                    hint,
                )
            if kind == "question" and (kind, name) in seen:
                yield Problem(
                    text.path,
                    number,
                    tr("{kind} {name} is placed twice", kind=kind, name=name),
                )
            seen.append((kind, name))
    for name in known["picture"]:
        if ("picture", name) not in seen:
            message = tr("the picture {name} is never shown", name=name)
            yield Problem(
                text.path, 1, message, tr("{{{{picture {name}}}}} shows it", name=name)
            )


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
            message = tr(
                "{key} stands in {name} only", key=" ".join(key), name=one.path.name
            )
            yield at_heading(two, key, message)
    for key in others:
        if key not in one.lines:
            message = tr(
                "{key} stands in {name} only", key=" ".join(key), name=two.path.name
            )
            yield at_heading(one, key, message)
    for a, b in zip_longest(shown, shown_too):
        if a != b:
            message = tr(
                "the prose shows {b} where {name} has {a}",
                b=b or tr("no more"),
                name=one.path.name,
                a=a,
            )
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
                text.path, number, tr("an indented block"), tr("use a fence: ```text")
            )
        before = line


def unread_formulas(text: Text) -> Iterator[Problem]:
    """Find lines of a block of mathematics that a page could not set as such."""
    inside = False
    for number, line in enumerate(text.path.read_text("utf-8-sig").splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```math"
        elif inside:
            for piece in unread(line):
                message = tr("a formula that is not read: {piece}", piece=piece)
                yield Problem(text.path, number, message, tr("use a fence: ```text"))
