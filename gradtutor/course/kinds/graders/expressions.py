"""Expression questions: equal to the reference on the domain, in any form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradtutor.course.content.model import Mistake, Question
from gradtutor.course.kinds.answer_text import bare_answer, without_thousands
from gradtutor.course.kinds.graders.expression_notes import difference_note
from gradtutor.course.kinds.graders.wrong_rules import RULES, NoRuleError, derive
from gradtutor.course.kinds.verdict import Note, Verdict, invalid, wrong
from gradtutor.equality.equivalence import Outcome, compare
from gradtutor.graph import ShapeError
from gradtutor.language import SourceError
from gradtutor.messages import tr


def grade_expression(
    question: Question, answer: Sequence[str], *, prove: bool = True
) -> Verdict:
    """Grade an expression.

    Parameters
    ----------
    prove : bool
        Whether an answer that agrees at all points is to be proved equal as well.
    """
    if len(answer) != 1:
        return invalid("one-answer", count=len(answer))
    given = without_thousands(bare_answer(answer[0]))
    try:
        outcome = compared(question, given, prove=prove)
    except (SourceError, ShapeError) as error:
        return invalid("unreadable", message=str(error))
    if outcome.same is None:
        few = len(outcome.wanted) < 3
        note = Note("no-points" if few else "unproved")
        return Verdict("undecided", notes=(note,), method=outcome.method)
    if outcome.same:
        return Verdict("correct", method=outcome.method)
    if outcome.given.shape != outcome.wanted.shape:
        shapes = outcome.given.shape[1:], outcome.wanted.shape[1:]
        return invalid("wrong-shape", given=shapes[0], wanted=shapes[1])
    known = known_mistake(question, given)
    return (
        wrong(known)
        if known
        else wrong(notes=(difference_note(question, given, outcome),))
    )


def compared(
    question: Question, given: str, reference: str | None = None, *, prove: bool
) -> Outcome:
    """Compare a text with a question's answer, or another text, on its domain."""
    fields = question.fields
    return compare(
        given,
        fields["answer"] if reference is None else reference,
        fields["domain"],
        fields.get("shapes"),
        where=fields.get("where"),
        prove=prove,
    )


# ---- known mistakes ----


def wrong_answers(question: Question, mistake: Mistake) -> list[str]:
    """Return the wrong answers of a known mistake, given or derived.

    Raises
    ------
    NoRuleError
        When its rule says nothing about the formula.
    """
    if not mistake.derive:
        return [str(mistake.answer)]
    fields = question.fields
    if mistake.derive not in RULES:
        raise NoRuleError(
            tr(
                "there is no rule {derive}: {names}",
                derive=mistake.derive,
                names=", ".join(RULES),
            )
        )
    of, wrt = mistake.of or fields.get("of", ""), mistake.wrt or fields.get("wrt", "")
    if mistake.derive not in ("sign", "reciprocal") and not (of and wrt):
        raise NoRuleError(tr('it needs of = "formula" and wrt = "x"'))
    return derive(
        mistake.derive, of, wrt or next(iter(fields["domain"])), fields["answer"]
    )


def candidates(question: Question) -> Iterator[tuple[str, str]]:
    """Yield every known wrong answer with its name: the lesson's own ones first."""
    for mistake in question.mistakes:
        try:
            for text in wrong_answers(question, mistake):
                yield mistake.name, text
        except NoRuleError:
            continue
    if question.fields.get("of") and question.fields.get("wrt"):
        for rule in RULES:
            try:
                for text in wrong_answers(question, Mistake(rule, derive=rule)):
                    yield rule, text
            except NoRuleError:
                continue


def known_mistake(question: Question, given: str) -> str | None:
    """Return the name of the known mistake that an answer equals."""
    for name, text in candidates(question):
        try:
            outcome = compared(question, given, text, prove=False)
        except (SourceError, ShapeError):
            continue
        if outcome.same:
            return name
    return None


# ---- what else can be said of a wrong answer ----
