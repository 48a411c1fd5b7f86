"""What there is to grade: each student's answer to each exercise, and the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradtutor.teach.sheets import Given
from gradtutor.teach.spec import Exercise
from gradtutor.teach.submissions import Submission
from gradtutor.teach.words import say


@dataclass(frozen=True)
class Row:
    """One line of the report.

    Attributes
    ----------
    verdict : str
        ``correct``, ``wrong``, ``invalid``, ``undecided``, ``missing``, ``fault``.
    misconception : str
        The first known mistake, empty where none explains the answer.
    feedback : str
        One sentence for the student.
    """

    student: str
    name: str
    exercise: int
    points: float
    of: float
    verdict: str
    misconception: str = ""
    feedback: str = ""


@dataclass(frozen=True)
class Task:
    """An answer to grade.

    Attributes
    ----------
    key : str
        A digest of all that the grade depends on, so that it is done once.
    """

    student: str
    name: str
    exercise: int
    variant: int
    answer: str
    is_code: bool
    key: str


def tasks(given: Given, submissions: Sequence[Submission]) -> Iterator[Task | Row]:
    """Yield what is to be graded, and rows for what needs no grading."""
    names = {one.key: one.name for one in given.students}
    stamp = given.sheet.path.read_bytes()
    handed_in = {one.student: one for one in submissions}
    unknown = [key for key in handed_in if key not in given.copies]
    for student in [*names, *unknown, *_versions(given, handed_in)]:
        submission = handed_in.get(student, Submission(student, {}))
        copy = given.copies.get(student)
        for exercise in given.sheet.exercises if copy else ():
            variant = copy.variants[exercise.number - 1] if copy else 0
            answer, is_code = _answer(exercise, submission, given.language)
            called = names.get(student, student)
            if not answer:
                yield _missing(given, submission, exercise, called)
                continue
            parts = [stamp, str(variant).encode(), answer.encode()]
            key = hashlib.sha256(b"\0".join([student.encode(), *parts])).hexdigest()
            yield Task(student, called, exercise.number, variant, answer, is_code, key)
        if not copy:
            message = say(given.language, "unknown")
            yield Row(student, student, 0, 0, 0, "fault", "", message)


def _versions(given: Given, handed_in: Mapping[str, Submission]) -> list[str]:
    known = {one.key for one in given.students}
    return [key for key in handed_in if key in given.copies and key not in known]


def _missing(
    given: Given, submission: Submission, exercise: Exercise, name: str
) -> Row:
    said = say(given.language, "no-answer")
    if submission.problem:
        said = say(given.language, "fault", message=submission.problem)
    verdict = "fault" if submission.problem else "missing"
    return Row(
        submission.student, name, exercise.number, 0, exercise.points, verdict, "", said
    )


def _answer(
    exercise: Exercise, submission: Submission, language: str
) -> tuple[str, bool]:
    """Return an exercise's answer, and whether it is code."""
    (question,) = (
        one for one in exercise.lessons[0].questions if one.id == exercise.question
    )
    if question.kind != "code":
        return submission.answers.get(exercise.number, ""), False
    wanted = str(question.fields["file"])
    files = submission.files
    if wanted in files:
        return files[wanted], True
    named = f"def {question.fields['function']}"
    return next((text for text in files.values() if named in text), ""), True
