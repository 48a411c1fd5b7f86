"""The key: right answers, and what is computed from what."""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.course.content.model import Question
from gradtutor.course.kinds import kind_of
from gradtutor.course.kinds.graders.circuits import Wires, circuit
from gradtutor.course.shown.asking import Shown
from gradtutor.language.formula.unparse import Text, node_text
from gradtutor.render import Style
from gradtutor.teach.document import (
    Block,
    Document,
    Figure,
    Grid,
    Heading,
    Prose,
    drawn,
    exercise_title,
)
from gradtutor.teach.roster import Copy
from gradtutor.teach.spec import Sheet
from gradtutor.teach.words import say


def key_document(sheet: Sheet, copy: Copy, language: str) -> Document:
    """Return the answers to a copy, with what is computed from what."""
    title = f"{sheet.titles[language]} · {say(language, 'key')}"
    blocks: list[Block] = [Heading(1, title, _whose(copy, language))]
    for exercise, variant in zip(sheet.exercises, copy.variants, strict=True):
        shown = exercise.shown(variant, language)
        blocks.append(exercise_title(exercise, language))
        blocks += solved(shown, shown.question(exercise.question))
    return Document(language, title, tuple(blocks))


def _whose(copy: Copy, language: str) -> str:
    if copy.version:
        return f"{say(language, 'version')} {copy.version}"
    return copy.students[0].name if len(copy.students) == 1 else ""


def solved(shown: Shown, question: Question) -> Iterator[Block]:
    """Return the right answer of a question, and the way to it."""
    if question.kind == "circuit":
        yield from _circuit_solved(shown, question)
    else:
        yield Prose(f"**{answer_text(shown, question)}**")
    words = shown.filled(shown.words(question).solution)
    if words:
        yield Prose(words)
    if question.kind == "code":
        path = shown.lesson.folder / "solution" / question.fields["file"]
        code = path.read_text(encoding="utf-8").strip()
        yield Prose(f"```python\n{code}\n```")


def answer_text(shown: Shown, question: Question) -> str:
    """Return the right answer as a student would write it."""
    return kind_of(question).right(question, shown.choices(question))


def _circuit_solved(shown: Shown, question: Question) -> Iterator[Block]:
    from gradtutor.circuit import parse

    language = shown.language
    graph, at, blanks = circuit(question)
    circuit_ = parse(question.fields["formula"])
    dot = circuit_.dot(Style(), **at)
    yield Figure(f"key-{question.id}", drawn(dot))
    wires = Wires(graph, at, {})
    heads = tuple(say(language, key) for key in ("wire", "value", "carried"))
    rows = [heads]
    for blank in blanks:
        right = f"{wires.expected[blank.key]:.6g}"
        rows.append((blank.label, right, _carried(wires, blank.kind, blank.name)))
    yield Grid(tuple(rows))
    yield Prose(say(language, "carried-note"))


def _carried(wires: Wires, kind: str, name: str) -> str:
    """Say what a number is computed from, so that an error can be carried forward."""
    from gradtutor.gates import LEAVES
    from gradtutor.graph import operands

    if kind == "value":
        data = wires.graph.nodes[name]
        if data["gate"] in LEAVES:
            return ""
        args = [_operand(wires.values[one]) for one in operands(wires.graph, name)]
        return node_text(wires.graph, name, args).text
    arrivals = wires.arrivals[name]
    terms = [f"{_factor(one.upstream)} · {_factor(one.local)}" for one in arrivals]
    return " + ".join(terms) or "1"


def _operand(number: float) -> Text:
    """Return a number as it stands among others: a negative one in parentheses."""
    return Text(_factor(float(number)))


def _factor(number: float) -> str:
    """Return a number as it stands in a product: a negative one in parentheses."""
    return f"({number:.4g})" if number < 0 else f"{number:.4g}"
