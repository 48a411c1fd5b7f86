r"""Who gets a sheet, and with which numbers.

>>> students_of("name,id\nLi Lei,7\nHan Meimei,8")
[Student(key='7', name='Li Lei'), Student(key='8', name='Han Meimei')]
"""

from __future__ import annotations

import csv
import random
import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradtutor.course.content.problems import CourseError
from gradtutor.messages import tr
from gradtutor.teach.spec import Exercise, Sheet

NAMES = ("name", "student", "full name", "姓名", "学生", "名字")
KEYS = ("id", "number", "student id", "email", "username", "学号", "编号", "邮箱")


class RosterError(CourseError):
    """A list of students that cannot be read, with the row."""


@dataclass(frozen=True)
class Student:
    """A student, known by a number, or by the name where there is none."""

    key: str
    name: str


@dataclass(frozen=True)
class Copy:
    """A sheet with its numbers: a student's own, or a version that many have.

    Attributes
    ----------
    name : str
        What its files are called.
    variants : tuple of int
        The choice of numbers of each exercise.
    """

    name: str
    variants: tuple[int, ...]
    version: str = ""
    students: tuple[Student, ...] = ()


def read_roster(path: Path) -> list[Student]:
    """Read a class list, ``.csv`` with a header or one name a line.

    Raises
    ------
    RosterError
        With the row, when a student is there twice or has no name.
    OSError
        When the file cannot be read.
    """
    try:
        return students_of(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise RosterError(tr("{path} is not a text file (UTF-8)", path=path)) from None
    except RosterError as error:
        raise RosterError(f"{path}: {error}") from None


def students_of(text: str) -> list[Student]:
    """Return the students of a class list's text."""
    rows = [
        (n, [cell.strip() for cell in row])
        for n, row in enumerate(csv.reader(text.splitlines()), 1)
        if any(cell.strip() for cell in row)
    ]
    heads = [cell.lower() for cell in rows[0][1]] if rows else []
    name, key = _column(heads, NAMES), _column(heads, KEYS)
    if name is not None or key is not None:
        rows = rows[1:]
    else:
        name = 0
    found: dict[str, Student] = {}
    for n, row in rows:
        called = row[name] if name is not None and name < len(row) else ""
        number = row[key] if key is not None and key < len(row) else ""
        student = Student(number or called, called or number)
        if not student.key:
            raise RosterError(tr("row {row} has no name", row=n))
        if student.key in found:
            raise RosterError(_twice(n, student))
        found[student.key] = student
    if not found:
        raise RosterError(tr("there is no student in it"))
    return list(found.values())


def _twice(row: int, student: Student) -> str:
    return tr(
        "row {row}: {name} is there twice: give each student a number",
        row=row,
        name=student.key,
    )


def _column(heads: Sequence[str], known: Sequence[str]) -> int | None:
    places = [heads.index(one) for one in known if one in heads]
    return places[0] if places else None


def drawn(exercise: Exercise, seed: int, key: str, shift: int = 0) -> int:
    """Return which numbers an exercise has for a student: the same every time."""
    random_ = random.Random(f"{seed}/{exercise.number}/{exercise.question}/{key}")
    return (random_.randrange(exercise.count) + shift) % exercise.count


def copies(
    sheet: Sheet, students: Sequence[Student], seed: int, versions: int = 0
) -> list[Copy]:
    """Return the copies of a sheet: one a student, or one a version.

    Parameters
    ----------
    versions : int
        With 2, students get A and B in turn, and exercises of A and B differ where
        they have two choices of numbers at all; 0 is a copy for each student.
    """
    if not versions and students:
        return [
            Copy(
                _file_name(student, students),
                tuple(drawn(one, seed, student.key) for one in sheet.exercises),
                students=(student,),
            )
            for student in students
        ]
    letters = string.ascii_uppercase[: max(versions, 1)]
    return [
        Copy(
            letter if versions else "sheet",
            tuple(drawn(one, seed, "", n) for one in sheet.exercises),
            letter if versions else "",
            tuple(students[n :: len(letters)]),
        )
        for n, letter in enumerate(letters)
    ]


def _file_name(student: Student, students: Sequence[Student]) -> str:
    """Return a name for files: letters and digits of any script, nothing else."""
    plain = _plain(student.key)
    twice = sum(_plain(one.key) == plain for one in students) > 1
    place = next(n for n, one in enumerate(students, 1) if one.key == student.key)
    return f"{plain}-{place}" if twice or not plain else plain


def _plain(text: str) -> str:
    kept = "".join(letter if letter.isalnum() else "-" for letter in text)
    return kept.strip("-")[:80]
