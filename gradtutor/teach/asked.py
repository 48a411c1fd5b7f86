"""The sheet that a student gets: what is asked, and room for the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.graders.circuits import circuit
from gradtutor.course.shown.asking import Shown
from gradtutor.render import Style
from gradtutor.teach.document import (
    Block,
    Choices,
    Document,
    Fields,
    Figure,
    Grid,
    Heading,
    Prose,
    Space,
    drawn,
    exercise_title,
)
from gradtutor.teach.roster import Copy
from gradtutor.teach.spec import Exercise, Sheet
from gradtutor.teach.words import before, say


def sheet_document(sheet: Sheet, copy: Copy, language: str) -> Document:
    """Return the sheet that a student gets."""
    blocks: list[Block] = [*_head(sheet, copy, language)]
    for exercise, variant in zip(sheet.exercises, copy.variants, strict=True):
        shown = exercise.shown(variant, language)
        blocks += _asked(exercise, shown, shown.question(exercise.question))
    return Document(language, sheet.titles[language], tuple(blocks))


def _head(sheet: Sheet, copy: Copy, language: str) -> Iterator[Block]:
    version = f"{say(language, 'version')} {copy.version}" if copy.version else ""
    yield Heading(1, sheet.titles[language], version)
    one = copy.students[0] if len(copy.students) == 1 else None
    known = (one.name, one.key if one.key != one.name else "") if one else ("", "")
    yield Fields((say(language, "name"), say(language, "id")), known)
    total = say(language, "total", points=f"{sheet.points:g}")
    own = sheet.instructions.get(language, "")
    yield Prose(f"{own}\n\n{total}" if own else total)


# ---- what is asked ----


def _asked(exercise: Exercise, shown: Shown, question: Question) -> Iterator[Block]:
    language = shown.language
    yield exercise_title(exercise, language)
    yield Prose(shown.filled(shown.words(question).body))
    if question.kind == "circuit":
        yield from _circuit_asked(exercise, shown, question)
        return
    choices = shown.choices(question)
    if choices:
        texts = shown.choice_texts(question)
        yield Choices(tuple(texts[one] for one in choices))
    if question.kind == "code":
        fields = question.fields
        told = {"function": fields["function"], "file": fields["file"]}
        yield Prose(say(language, "file", **told))
        starter = shown.lesson.folder / "starter" / fields["file"]
        if starter.is_file():
            code = starter.read_text(encoding="utf-8").strip()
            yield Prose(f"```python\n{code}\n```")
        return
    yield Space(4 if question.kind == "expression" else 2)
    yield Fields((say(language, "answer"),))


def _circuit_asked(
    exercise: Exercise, shown: Shown, question: Question
) -> Iterator[Block]:
    language = shown.language
    _, at, blanks = circuit(question)
    yield circuit_figure(exercise.number, question)
    values = ", ".join(f"{name} = {value:g}" for name, value in at.items())
    yield Prose(f"{before(say(language, 'given'))}`{values}`")
    rows = [tuple(blank.label for blank in blanks[n : n + 6]) for n in _starts(blanks)]
    for row in rows:
        yield Grid((row, tuple(" " for _ in row)), to_fill=True)


def _starts(blanks: Sequence[object]) -> range:
    return range(0, len(blanks), 6)


def circuit_figure(number: int, question: Question) -> Figure:
    """Draw a circuit with names and no numbers."""
    from gradtutor.circuit import parse

    circuit_ = parse(question.fields["formula"])
    dot = circuit_.dot(Style(show="symbols", gradients=False))
    return Figure(f"circuit-{number}", drawn(dot))
