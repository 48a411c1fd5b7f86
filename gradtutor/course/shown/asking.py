"""What a learner sees: a lesson or a question with one variant's numbers filled in."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradtutor.course.content.model import Lesson, Picture, Question
from gradtutor.course.content.variants import (
    fill,
    filled_picture,
    filled_question,
    parameters,
)
from gradtutor.course.kinds import kind_of
from gradtutor.course.kinds.order import violated
from gradtutor.course.kinds.picking import shuffled
from gradtutor.course.locale.words import say

DIRECTIVE = re.compile(r"^\{\{(picture|question)\s+(\S+?)\}\}\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """A lesson in one language and one variant.

    Attributes
    ----------
    numbers : mapping
        The variant's parameters.
    """

    lesson: Lesson
    language: str
    variant: int
    numbers: Mapping[str, float]

    # ---- the lesson ----

    def pieces(self) -> list[tuple[str, str]]:
        """Return prose, pictures and questions in order: ``("question", "df-dx")``.

        Questions that the prose does not place come at the end.
        """
        prose = self.lesson.text(self.language).prose
        found: list[tuple[str, str]] = []
        end = 0
        for match in DIRECTIVE.finditer(prose):
            found += [("text", prose[end : match.start()]), (match[1], match[2])]
            end = match.end()
        found.append(("text", prose[end:]))
        placed = {name for kind, name in found if kind == "question"}
        late = [one.id for one in self.lesson.questions if one.id not in placed]
        found += [("question", one) for one in late]
        return [
            (kind, self.filled(body).strip("\n") if kind == "text" else body)
            for kind, body in found
            if kind != "text" or body.strip()
        ]

    def filled(self, text: str) -> str:
        """Fill the variant's numbers into a text."""
        return fill(text, self.numbers)

    def picture(self, name: str) -> Picture:
        """Return a picture with the variant's numbers."""
        (found,) = (one for one in self.lesson.pictures if one.name == name)
        return filled_picture(found, self.numbers, self.language)

    # ---- a question ----

    def question(self, name: str) -> Question:
        """Return a question with the variant's numbers."""
        (found,) = (one for one in self.lesson.questions if one.id == name)
        return filled_question(found, self.numbers)

    def words(self, question: Question) -> Any:
        """Return a question's words, parameters not yet filled."""
        return self.lesson.text(self.language).questions[question.id]

    def choices(self, question: Question) -> list[str]:
        """Return a question's options or items in the order shown.

        An order is never shown solved.
        """
        names = question.fields.get("options") or question.fields.get("items") or ()
        seed = f"{self.lesson.name}/{question.id}/{self.variant}"
        shown = shuffled(names, seed)
        before = question.fields.get("before", ())
        while before and not violated(shown, before):
            shown = shown[1:] + shown[:1]
        return shown

    def choice_texts(self, question: Question) -> dict[str, str]:
        """Return the words of each option or item, by its name."""
        words = self.words(question)
        texts = {**words.options, **words.items}
        return {name: self.filled(text) for name, text in texts.items()}

    def body(self, question: Question) -> str:
        """Return a question's words as Markdown, with its options or blanks."""
        words = self.words(question)
        parts = [self.filled(words.body)]
        texts = self.choice_texts(question)
        choices = self.choices(question)
        if choices:
            rows = zip(string.ascii_lowercase, choices, strict=False)
            lines = [f"{letter}) {texts[one]}" for letter, one in rows]
            parts.append("\n".join(lines))
        kind = kind_of(question)
        parts.append(kind.beside(question))
        labels = kind.blanks(question)
        parts.append(say(self.language, "blanks", blanks=labels) if labels else "")
        return "\n\n".join(part for part in parts if part)

    def answer_words(self, question: Question) -> str:
        """Return what follows the command that answers a question."""
        place = f"{self.lesson.name}/{question.number}"
        return f"{place} {kind_of(question).example(question)}".rstrip()


def shown_lesson(lesson: Lesson, language: str, variant: int) -> Shown:
    """Return a lesson in a language and a variant."""
    return Shown(lesson, language, variant, parameters(lesson, variant))
