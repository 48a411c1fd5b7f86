"""Exercises as quiz questions, before any format: stems, answers, feedback."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.circuit_answer import Wires, circuit
from gradtutor.course.kinds.expression_answer import candidates, compared
from gradtutor.course.kinds.number_answer import (
    AT_ZERO,
    TOLERANCE,
    reference,
    wrong_number,
)
from gradtutor.course.kinds.order_answer import violated
from gradtutor.course.learner.telling import feedback
from gradtutor.course.shown.asking import Shown
from gradtutor.graph import ShapeError
from gradtutor.language import SourceError
from gradtutor.teach.asked import circuit_figure
from gradtutor.teach.document import Figure
from gradtutor.teach.solved import right_order
from gradtutor.teach.spec import Exercise, Sheet
from gradtutor.teach.words import say

WRONG_ORDERS = 3


@dataclass(frozen=True)
class Option:
    """An answer that can be chosen, as Markdown, with what is then said."""

    text: str
    right: bool
    said: str = ""


@dataclass(frozen=True)
class Numeric:
    """A number to give; ``slips`` are wrong numbers, each with what is then said."""

    label: str
    value: float
    tolerance: float
    slips: tuple[tuple[float, str], ...] = ()


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
    options: tuple[Option, ...] = ()
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
    return FORMS[question.kind](item, exercise, shown, question)


def _with(item: Item, **changes: object) -> Item:
    return Item(**{**item.__dict__, **changes})


def _number(item: Item, _: Exercise, shown: Shown, question: Question) -> Item:
    value = reference(question.fields["answer"])
    share = question.fields.get("tolerance", TOLERANCE)
    slips = tuple(
        (wrong_number(one, value), feedback(shown, question, one.name))
        for one in question.mistakes
    )
    number = Numeric("", value, _within(value, share), slips)
    return _with(item, numbers=(number,))


def _within(value: float, share: float) -> float:
    """Return how far off a number may be."""
    return share * (abs(value) if abs(value) > 1e-12 else AT_ZERO)


def _circuit(item: Item, exercise: Exercise, _: Shown, question: Question) -> Item:
    graph, at, blanks = circuit(question)
    share = question.fields.get("tolerance", TOLERANCE)
    wires = Wires(graph, at, {})
    numbers = tuple(
        Numeric(
            one.label, wires.expected[one.key], _within(wires.expected[one.key], share)
        )
        for one in blanks
    )
    values = ", ".join(f"{name} = {value:g}" for name, value in at.items())
    stem = f"{item.stem}\n\n`{values}`"
    figure = circuit_figure(exercise.number, question)
    return _with(item, stem=stem, figure=figure, numbers=numbers)


def _choice(item: Item, _: Exercise, shown: Shown, question: Question) -> Item:
    texts = shown.choice_texts(question)
    right = question.fields.get("several") or [question.fields["answer"]]
    options = tuple(
        Option(texts[one], one in right, feedback(shown, question, one))
        for one in question.fields["options"]
    )
    return _with(item, options=options, several="several" in question.fields)


def _expression(item: Item, _: Exercise, shown: Shown, question: Question) -> Item:
    """Choose the right formula among the known mistakes, as no platform compares."""
    options = [Option(f"`{question.fields['answer']}`", right=True)]
    known: dict[str, str] = {}
    for name, text in candidates(question):
        if name not in known and _differs(question, text):
            known[name] = text
    options += [
        Option(f"`{text}`", right=False, said=feedback(shown, question, name))
        for name, text in known.items()
    ]
    unique = {one.text: one for one in reversed(options)}
    if len(unique) < 2:  # nothing to choose among: the teacher reads it
        return item
    return _with(item, options=tuple(reversed(unique.values())))


def _differs(question: Question, answer: str) -> bool:
    """Whether a wrong answer is wrong: a broken rule may not show in every formula."""
    try:
        return compared(question, answer, prove=False).same is False
    except (SourceError, ShapeError):  # sympy's, of no gate of ours
        return False


def _order(item: Item, _: Exercise, shown: Shown, question: Question) -> Item:
    """Choose the right order: several may be right, so no platform could match them."""
    texts, right = shown.choice_texts(question), right_order(question)
    wrong = list(_wrong_orders(question, right))
    options = [Option(_steps(texts, right), right=True)]
    options += [Option(_steps(texts, one), right=False) for one in wrong]
    return _with(item, options=tuple(options))


def _wrong_orders(question: Question, right: Sequence[str]) -> Iterator[list[str]]:
    random_ = random.Random("/".join(right))
    seen: list[list[str]] = []
    for _ in range(200):
        tried = random_.sample(right, len(right))
        if violated(tried, question.fields["before"]) and tried not in seen:
            seen.append(tried)
            yield tried
        if len(seen) == WRONG_ORDERS:
            return


def _steps(texts: dict[str, str], order: Sequence[str]) -> str:
    return " → ".join(" ".join(texts[one].split()) for one in order)


def _code(item: Item, _: Exercise, shown: Shown, question: Question) -> Item:
    fields = question.fields
    told = say(shown.language, "file", function=fields["function"], file=fields["file"])
    path = shown.lesson.folder / "starter" / fields["file"]
    starter = path.read_text(encoding="utf-8") if path.is_file() else ""
    return _with(item, stem=f"{item.stem}\n\n{told}", starter=starter)


FORMS = {
    "number": _number,
    "circuit": _circuit,
    "choice": _choice,
    "expression": _expression,
    "order": _order,
    "code": _code,
}
