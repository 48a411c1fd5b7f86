"""The answers of a lesson, over all its variants: right ones pass, wrong ones fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gradtutor.course.content.model import Lesson, Question
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.variants import filled_question, parameters, variants
from gradtutor.course.kinds.choice import grade_choice
from gradtutor.course.kinds.circuit_answer import circuit, grade_circuit
from gradtutor.course.kinds.expression_answer import (
    compared,
    grade_expression,
    known_mistake,
    wrong_answers,
)
from gradtutor.course.kinds.number_answer import (
    TOLERANCE,
    grade_number,
    reference,
    within,
    wrong_number,
)
from gradtutor.course.kinds.order_answer import any_order, grade_order
from gradtutor.course.kinds.verdict import Verdict
from gradtutor.course.kinds.wrong_rules import NoRuleError
from gradtutor.course.lint.places import Places
from gradtutor.course.lint.symmetry import symmetric_points
from gradtutor.graph import ShapeError
from gradtutor.language import SourceError
from gradtutor.messages import tr

#: A finding: the message, what to do, and the keys below the question.
Finding = tuple[str, str, Sequence[str | int]]


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
            if repr(filled) in seen or filled.kind not in CHECKS:
                continue
            seen.add(repr(filled))
            for message, hint, keys in _checked(filled):
                key = (question.id, message.split(": ")[0], tuple(keys))
                where = f" (with {shown})" if shown else ""
                problem = places.question(question, message + where, hint, *keys)
                found.setdefault(key, problem)
    return list(found.values())


def _checked(question: Question) -> Iterator[Finding]:
    """Check one question; what cannot be read is a finding too."""
    try:
        yield from CHECKS[question.kind](question)
    except (SourceError, ShapeError, ValueError, KeyError) as error:
        yield tr("cannot be graded: {error}", error=error), "", ("answer",)


def _expect(verdict: Verdict, wanted: str, what: str) -> Iterator[Finding]:
    if verdict.status != wanted:
        notes = "; ".join(f"{note.key} {dict(note.values)}" for note in verdict.notes)
        yield (
            tr(
                "{what} is graded {status}: {notes}",
                what=what,
                status=verdict.status,
                notes=notes,
            ),
            "",
            ("answer",),
        )


# ---- one check a kind ----


def _expression(question: Question) -> Iterator[Finding]:
    answer = question.fields["answer"]
    right = grade_expression(question, [answer], prove=False)
    yield from _expect(right, "correct", tr("the answer {answer}", answer=answer))
    for n, mistake in enumerate(question.mistakes):
        keys = ("mistake", n)
        try:
            texts = wrong_answers(question, mistake)
        except NoRuleError as error:
            yield f"mistake {mistake.name}: {error}", "", keys
            continue
        texts = [t for t in texts if not compared(question, t, prove=False).same]
        if not texts:
            yield (
                tr("mistake {name} equals the right answer", name=mistake.name),
                "",
                keys,
            )
        for text in texts:
            named = known_mistake(question, text)
            if named != mistake.name:
                message = tr(
                    "mistake {name}: {text} is taken for {named}",
                    name=mistake.name,
                    text=text,
                    named=named,
                )
                yield message, tr("two mistakes must differ"), keys


def _number(question: Question) -> Iterator[Finding]:
    fields = question.fields
    wanted, tolerance = reference(fields["answer"]), fields.get("tolerance", TOLERANCE)
    yield from _expect(
        grade_number(question, [fields["answer"]]), "correct", tr("the answer")
    )
    if 0 < abs(wanted) <= tolerance:
        message = tr(
            "the tolerance {tolerance} is above the answer {wanted:.3g}",
            tolerance=tolerance,
            wanted=wanted,
        )
        yield message, tr("0 would be right: give a smaller tolerance"), ("answer",)
    given: list[tuple[str, float]] = []
    for n, mistake in enumerate(question.mistakes):
        if mistake.derive and (
            mistake.derive not in ("sign", "reciprocal") or not wanted
        ):
            message = tr(
                "mistake {name}: a number has derive sign or reciprocal",
                name=mistake.name,
            )
            yield message, tr("or give answer ="), ("mistake", n)
            continue
        value = wrong_number(mistake, wanted)
        if within(value, wanted, tolerance):
            message = tr(
                "mistake {name} equals the right answer: {value:.6g}",
                name=mistake.name,
                value=value,
            )
            yield message, tr("other numbers, or a smaller tolerance"), ("mistake", n)
        for name, other in given:
            if within(value, other, tolerance):
                message = tr(
                    "mistakes {name} and {name2} are equal: {value:.6g}",
                    name=name,
                    name2=mistake.name,
                    value=value,
                )
                yield message, tr("other numbers"), ("mistake", n)
        given.append((mistake.name, value))


def _choice(question: Question) -> Iterator[Finding]:
    options = question.fields["options"]
    several = question.fields.get("several")
    right = list(several or [question.fields["answer"]])
    yield from _expect(
        grade_choice(question, right, options), "correct", tr("the answer")
    )
    for option in options:
        if option not in right:
            verdict = grade_choice(question, [option], options)
            yield from _expect(
                verdict, "wrong", tr("the option {option}", option=option)
            )


def _circuit(question: Question) -> Iterator[Finding]:
    graph, at, blanks = circuit(question)
    named = {data["name"] for _, data in graph.nodes(data=True) if data["name"]}
    for blank in blanks:
        if blank.name not in named:
            hint = tr("the names are {named}", named=", ".join(sorted(named)))
            yield tr("no wire is called {name}", name=blank.name), hint, ("blanks",)
            return
    if len({blank.key for blank in blanks}) < len(blanks):
        yield tr("a blank is there twice"), "", ("blanks",)
    yield from symmetric_points(graph, at, blanks, question.fields)
    from gradtutor.course.kinds.circuit_answer import Wires

    truth = Wires(graph, at, {})
    answer = [f"{blank.label}={truth.expected[blank.key]!r}" for blank in blanks]
    yield from _expect(grade_circuit(question, answer), "correct", tr("the truth"))
    for n, blank in enumerate(blanks):
        off = [*answer]
        off[n] = f"{blank.label}={truth.expected[blank.key] + 100}"
        verdict = grade_circuit(question, off)
        yield from _expect(verdict, "wrong", f"a wrong {blank.label}")


def _order(question: Question) -> Iterator[Finding]:
    items, before = question.fields["items"], question.fields["before"]
    right = any_order(items, before) or ()
    yield from _expect(grade_order(question, right, items), "correct", tr("the order"))
    verdict = grade_order(question, right[::-1], items)
    yield from _expect(verdict, "wrong", tr("the reverse order"))
    for n, mistake in enumerate(question.mistakes):
        order = mistake.answer if isinstance(mistake.answer, list | tuple) else ()
        verdict = grade_order(question, [str(one) for one in order], items)
        if mistake.name not in verdict.mistakes:
            message = tr(
                "mistake {name} is graded {status}",
                name=mistake.name,
                status=verdict.status,
            )
            yield message, tr("answer is a list of all items"), ("mistake", n)


CHECKS: dict[str, Callable[[Question], Iterator[Finding]]] = {
    "expression": _expression,
    "number": _number,
    "choice": _choice,
    "circuit": _circuit,
    "order": _order,
}
