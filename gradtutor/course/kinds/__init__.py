"""Grade answers: one grader for each kind of question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.choice import grade_choice
from gradtutor.course.kinds.circuit_answer import grade_circuit
from gradtutor.course.kinds.code_answer import grade_code
from gradtutor.course.kinds.expression_answer import grade_expression
from gradtutor.course.kinds.number_answer import grade_number
from gradtutor.course.kinds.order_answer import grade_order
from gradtutor.course.kinds.verdict import Note, Verdict

#: Graders of what is typed; code is graded from a file.
TYPED = {
    "expression": lambda question, answer, *_: grade_expression(question, answer),
    "number": lambda question, answer, *_: grade_number(question, answer),
    "circuit": lambda question, answer, *_: grade_circuit(question, answer),
    "choice": grade_choice,
    "order": grade_order,
}


def grade(
    question: Question,
    answer: Sequence[str],
    shown: Sequence[str] = (),
    folder: Path | None = None,
    texts: Mapping[str, str] | None = None,
) -> Verdict:
    """Grade an answer.

    Parameters
    ----------
    question : Question
        With its variant's numbers filled in.
    answer : sequence of str
        Words of the command line; for code, the file's path.
    shown : sequence of str
        The options or steps in the order shown.
    folder : Path, optional
        The lesson's folder.
    texts : mapping, optional
        The words of each option or step.
    """
    if question.kind == "code":
        return grade_code(question, Path(answer[0]), folder)
    verdict: Verdict = TYPED[question.kind](question, answer, shown, texts)
    return verdict


__all__ = ["Note", "Verdict", "grade"]
