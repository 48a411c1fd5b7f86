"""A sheet's specification, a short TOML file, read with every mistake's line.

.. code-block:: toml

    schema = 1
    title.en = "Backpropagation, sheet 1"
    title.zh = "反向传播练习一"

    [[exercise]]                   # a question of a lesson
    question = "gates/wires"
    points = 4

    [[exercise]]                   # an exercise of one's own
    kind = "circuit"
    formula = "q = x + y; f = q*z"
    at = { x = "{a}", y = 5, z = -4 }
    parameters = { a = [-2, 1, 3] }
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.keys import Keys, read_table
from gradtutor.course.content.model import Course, Lesson
from gradtutor.course.content.problems import ContentError, CourseError, Problem
from gradtutor.course.content.toml_lines import Place, TomlFile, read_toml
from gradtutor.course.content.toml_values import BadValueError, Reader
from gradtutor.course.content.variants import UnknownParameterError, variants
from gradtutor.course.library.courses import find_lesson
from gradtutor.course.library.lesson_files import SCHEMA
from gradtutor.course.shown.asking import Shown, shown_lesson
from gradtutor.language import SourceError
from gradtutor.messages import LANGUAGES, tr
from gradtutor.teach.exercises import KINDS, combinations, own_lesson


def _title(given: Any) -> dict[str, str]:
    """Read a title: a text, or one for a language or two."""
    texts = dict.fromkeys(LANGUAGES, given) if isinstance(given, str) else given
    if not isinstance(texts, dict) or not {*texts} & {*LANGUAGES}:
        raise BadValueError(tr("must be a text, or title.en and title.zh"))
    known = {key: str(texts[key]) for key in LANGUAGES if key in texts}
    return dict.fromkeys(LANGUAGES, next(iter(known.values()))) | known


SHEET = Keys(
    {"title": _title, "exercise": list},
    {"schema": read.number, "instructions": dict},
)
OF_LESSON = Keys({"question": read.text}, {"points": read.positive})
COMMON: dict[str, Reader] = {
    "points": read.positive,
    "parameters": dict,
    "text": dict,
    "hint": dict,
    "title": _title,
}


@dataclass(frozen=True)
class Exercise:
    """One exercise, with all the numbers it can have.

    Attributes
    ----------
    question : str
        The question's id in each of the lessons.
    lessons : tuple of Lesson
        Of a question of the course, its lesson, whose variants are the numbers; of an
        exercise of one's own, a lesson for each choice of numbers.
    is_own : bool
        Whether the sheet states it, and no lesson of the course.
    """

    number: int
    points: float
    question: str
    lessons: tuple[Lesson, ...]
    is_own: bool = False

    @property
    def count(self) -> int:
        """How many choices of numbers there are."""
        return len(self.lessons) if len(self.lessons) > 1 else variants(self.lessons[0])

    def shown(self, variant: int, language: str) -> Shown:
        """Return the lesson of one choice of numbers, in a language."""
        if len(self.lessons) > 1:
            return shown_lesson(self.lessons[variant], language, 0)
        return shown_lesson(self.lessons[0], language, variant)


@dataclass(frozen=True)
class Sheet:
    """Exercises under a title.

    Attributes
    ----------
    titles, instructions : mapping
        A text for each language.
    """

    path: Path
    titles: Mapping[str, str]
    instructions: Mapping[str, str]
    exercises: tuple[Exercise, ...]

    @property
    def points(self) -> float:
        """What the whole sheet is worth."""
        return sum(exercise.points for exercise in self.exercises)


def read_sheet(path: Path, course: Course) -> Sheet:
    """Read a sheet's specification.

    Parameters
    ----------
    course : Course
        Where the questions of lessons are looked for.

    Raises
    ------
    ContentError
        With every problem that was found, each with its line.
    """
    found: list[Problem] = []
    file = read_toml(path)
    top = read_table(file, (), file.data, SHEET, found)
    if file.data.get("schema", SCHEMA) != SCHEMA:
        found.append(
            file.problem(("schema",), tr("schema must be {schema}", schema=SCHEMA))
        )
    given = top.get("exercise") or []
    if "exercise" in file.data and not given:
        found.append(file.problem((), tr("there is no [[exercise]]")))
    exercises = [
        one
        for n, data in enumerate(given)
        if (one := _exercise(file, n, data, course, found)) is not None
    ]
    if found:
        raise ContentError(found)
    instructions = {key: str(text) for key, text in top.get("instructions", {}).items()}
    return Sheet(path, top["title"], instructions, tuple(exercises))


def _exercise(
    file: TomlFile, n: int, data: Any, course: Course, found: list[Problem]
) -> Exercise | None:
    place: Place = ("exercise", n)
    if not isinstance(data, dict):
        found.append(file.problem(place, tr("this must be a table")))
        return None
    if "question" in data:
        return _of_lesson(file, n, data, course, found)
    kind = data.get("kind")
    if kind not in KINDS:
        known = ", ".join(KINDS)
        message = tr(
            'question = "LESSON/QUESTION" is missing, or kind = one of {known}',
            known=known,
        )
        found.append(file.problem((*place, "kind"), message))
        return None
    keys = Keys(KINDS[kind].keys.required, {**COMMON, **KINDS[kind].keys.optional})
    before = len(found)
    plain = {key: value for key, value in data.items() if key != "kind"}
    fields = read_table(file, place, plain, keys, found)
    if len(found) > before:
        return None
    return _own(file, n, kind, fields, found)


def _own(
    file: TomlFile, n: int, kind: str, fields: dict[str, Any], found: list[Problem]
) -> Exercise | None:
    place: Place = ("exercise", n)
    points = float(fields.pop("points", 1))
    try:
        numbers = combinations(fields.pop("parameters", {}), kind, fields)
        made = [own_lesson(file.path, n + 1, kind, fields, one) for one in numbers]
    except UnknownParameterError as error:
        hint = tr(
            "give it choices: parameters = {{ {name} = [1, 2] }}", name=error.name
        )
        found.append(file.problem(place, str(error), hint))
        return None
    except (BadValueError, SourceError, ValueError) as error:
        found.append(file.problem(place, str(error).splitlines()[0]))
        return None
    return Exercise(n + 1, points, made[0].questions[0].id, tuple(made), is_own=True)


def _of_lesson(
    file: TomlFile, n: int, data: dict[str, Any], course: Course, found: list[Problem]
) -> Exercise | None:
    place: Place = ("exercise", n, "question")
    fields = read_table(file, ("exercise", n), data, OF_LESSON, found)
    name, _, question = str(fields.get("question", "")).partition("/")
    try:
        lesson = find_lesson(course, name)
    except CourseError as error:
        found.append(file.problem(place, str(error)))
        return None
    ids = [one.id for one in lesson.questions]
    if question.isdecimal() and 1 <= int(question) <= len(ids):
        question = ids[int(question) - 1]
    if question not in ids:
        known = tr("its questions are {names}", names=", ".join(ids))
        message = tr(
            "{name} has no question {question!r}", name=name, question=question
        )
        found.append(file.problem(place, message, known))
        return None
    return Exercise(n + 1, float(fields.get("points", 1)), question, (lesson,))
