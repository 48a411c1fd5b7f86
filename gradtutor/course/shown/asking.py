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
from gradtutor.course.kinds.blanks import Blank, output_label, read_blanks
from gradtutor.course.kinds.order_answer import violated
from gradtutor.course.kinds.picking import shuffled
from gradtutor.course.locale.words import say
from gradtutor.language import parse_formula

DIRECTIVE = re.compile(r"^\{\{(picture|question)\s+(\S+?)\}\}\s*$", re.MULTILINE)

SHOWN_BLANKS = 3  # in the example of a command


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
        if question.kind == "circuit":
            parts.append(circuit_text(question))
            labels = [blank.label for blank in blanks_of(question)]
            parts.append(say(self.language, "blanks", blanks=labels))
        return "\n\n".join(parts)

    def answer_words(self, question: Question) -> str:
        """Return what follows the command that answers a question."""
        place = f"{self.lesson.name}/{question.number}"
        return f"{place} {self._example(question)}".rstrip()

    def _example(self, question: Question) -> str:
        if question.kind == "circuit":
            labels = [f"{blank.label}=…" for blank in blanks_of(question)]
            return " ".join(
                labels[:SHOWN_BLANKS] + ["…"] * (len(labels) > SHOWN_BLANKS)
            )
        examples = {
            "expression": '"…"',
            "number": "…",
            "choice": "a,b" if "several" in question.fields else "a",
            "order": "b,a,…",
            "code": "",
        }
        return examples[question.kind]


def circuit_text(question: Question) -> str:
    """Write a circuit's formulas and the values of its inputs, a line each."""
    lines = [line.strip() for line in question.fields["formula"].split(";")]
    values = [f"{name} = {value}" for name, value in question.fields["at"].items()]
    return "\n".join(["```text", *lines, ", ".join(values), "```"])


def blanks_of(question: Question) -> list[Blank]:
    """Return the blanks of a circuit question."""
    graph = parse_formula(question.fields["formula"])
    return read_blanks(question.fields["blanks"], output_label(graph))


def shown_lesson(lesson: Lesson, language: str, variant: int) -> Shown:
    """Return a lesson in a language and a variant."""
    return Shown(lesson, language, variant, parameters(lesson, variant))
