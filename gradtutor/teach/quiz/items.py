"""Exercises as quiz questions, before any format: stems, answers, feedback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gradtutor.course.content.model import Question
from gradtutor.course.kinds import kind_of
from gradtutor.course.kinds.kind import Numeric, Option
from gradtutor.course.learner.telling import feedback
from gradtutor.course.shown.asking import Shown
from gradtutor.teach.asked import circuit_figure
from gradtutor.teach.document import Figure
from gradtutor.teach.spec import Exercise, Sheet
from gradtutor.teach.words import say

ARROW = " → "


@dataclass(frozen=True)
class Offer:
    """An answer that can be chosen, as Markdown, with what is then said."""

    text: str
    right: bool
    said: str = ""


@dataclass(frozen=True)
class Item:
    """A quiz question.

    Attributes
    ----------
    stem : str
        What is asked, as Markdown.
    options, numbers : tuple
        One of them is empty; both are for an essay.
    starter : str
        Of an essay: the code to begin with.
    """

    name: str
    category: str
    points: float
    stem: str
    figure: Figure | None = None
    options: tuple[Offer, ...] = ()
    numbers: tuple[Numeric, ...] = ()
    several: bool = False
    starter: str = ""
    said: str = ""


def items(sheet: Sheet, language: str, most: int) -> Iterator[Item]:
    """Yield every exercise with each of its numbers, at most so many of one.

    Where other numbers change nothing of the question, it is there once.
    """
    for exercise in sheet.exercises:
        seen = set()
        for variant in range(min(exercise.count, most)):
            shown = exercise.shown(variant, language)
            item = _item(sheet, exercise, shown, variant)
            asked = (item.stem, item.options, item.numbers)
            if asked not in seen:
                yield item
            seen.add(asked)


def _item(sheet: Sheet, exercise: Exercise, shown: Shown, variant: int) -> Item:
    question = shown.question(exercise.question)
    words = shown.words(question)
    titles = shown.lesson.titles
    of_lesson = f"{shown.lesson.name} {question.id}"
    called = titles[shown.language] if exercise.is_own else of_lesson
    category = f"{exercise.number:02} {called.replace('/', '／')}"
    item = Item(
        f"{category} {variant + 1}",
        f"{sheet.titles[shown.language]}/{category}",
        exercise.points,
        shown.filled(words.body),
        said=shown.filled(words.right),
    )
    return _asked(item, exercise, shown)


def _asked(item: Item, exercise: Exercise, shown: Shown) -> Item:
    """Return a question with what a platform grades it by, or as an essay."""
    question = shown.question(exercise.question)
    closed = kind_of(question).closed(question)
    if question.kind == "circuit":
        item = replace(item, figure=circuit_figure(exercise.number, question))
    if question.kind == "code":
        item = _with_starter(item, shown, question)
    if closed is None:
        return item
    return replace(
        item,
        stem="\n\n".join(filter(None, (item.stem, closed.given))),
        options=tuple(_option(shown, question, one) for one in closed.options),
        numbers=tuple(_numeric(shown, question, one) for one in closed.numbers),
        several=closed.several,
    )


def _option(shown: Shown, question: Question, one: Option) -> Offer:
    """Write an option's words, with what is said to whoever chooses it."""
    texts = shown.choice_texts(question)
    words = [texts[name] for name in one.names]
    text = words[0] if len(words) == 1 else ARROW.join(map(_line, words))
    said = feedback(shown, question, one.mistake) if one.mistake else ""
    return Offer(one.text or text, one.right, said)


def _numeric(shown: Shown, question: Question, one: Numeric) -> Numeric:
    """Return a number whose slips have what is then said, instead of their names."""
    slips = ((value, feedback(shown, question, name)) for value, name in one.slips)
    return replace(one, slips=tuple(slips))


def _line(text: str) -> str:
    return " ".join(text.split())


def _with_starter(item: Item, shown: Shown, question: Question) -> Item:
    fields = question.fields
    told = say(shown.language, "file", function=fields["function"], file=fields["file"])
    path = shown.lesson.folder / "starter" / fields["file"]
    starter = path.read_text(encoding="utf-8") if path.is_file() else ""
    return replace(item, stem=f"{item.stem}\n\n{told}", starter=starter)
