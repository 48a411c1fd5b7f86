"""Find the folder of lessons and read it: the course that ships, or somebody else's."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gradtutor.course.content.model import Course, Lesson, Part
from gradtutor.course.content.problems import (
    ContentError,
    CourseError,
    NotFoundError,
    Problem,
)
from gradtutor.course.content.toml_lines import TomlFile, read_toml
from gradtutor.course.library.lesson_files import SCHEMA, read_lesson, titles
from gradtutor.messages import tr

ORDER = "course.toml"


def shipped_folder() -> Path:
    """Return the lessons in the wheel, or those beside an editable checkout.

    Raises
    ------
    CourseError
        When there are none.
    """
    package = Path(__file__).parents[2]
    for folder in (package / "lessons", package.parent / "lessons"):
        if (folder / ORDER).is_file():
            return folder
    raise CourseError(tr("the lessons are not installed: pip install gradtutor"))


def read_course(folder: Path | None = None) -> Course:
    """Read which lessons there are; by default those that ship.

    Parameters
    ----------
    folder : Path, optional
        A folder with a course.toml, or with lessons' folders only: then their order is
        alphabetical.

    Raises
    ------
    CourseError
        When there is no such folder, or no lesson in it.
    """
    key = "" if folder is None else str(folder.resolve())
    folder = shipped_folder() if folder is None else folder.resolve()
    if not folder.is_dir():
        raise CourseError(tr("there is no folder {folder}", folder=folder))
    if (folder / ORDER).is_file():
        return _ordered(folder, key)
    names = tuple(path.parent.name for path in sorted(folder.glob("*/lesson.toml")))
    if not names:
        raise CourseError(
            tr("there are no lessons in {folder}: no */lesson.toml", folder=folder)
        )
    title = dict.fromkeys(("en", "zh"), folder.name)
    return Course(folder, key, title, (Part(title, names),))


def _ordered(folder: Path, key: str) -> Course:
    file = read_toml(folder / ORDER)
    found: list[Problem] = []
    if file.data.get("schema") != SCHEMA:
        found.append(
            file.problem(("schema",), tr("schema must be {schema}", schema=SCHEMA))
        )
    heading = titles(file, file.data.get("title"), ("title",), found)
    given = file.data.get("part", [])
    parts = tuple(_part(file, n, one, found) for n, one in enumerate(given))
    names = [name for part in parts for name in part.lessons]
    found += [
        file.problem(("part",), tr("{name} is there twice", name=name))
        for name in {name for name in names if names.count(name) > 1}
    ]
    if found:
        raise ContentError(found)
    return Course(folder, key, heading, parts)


def _part(
    file: TomlFile, n: int, given: dict[str, object], found: list[Problem]
) -> Part:
    names = given.get("lessons", [])
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        found.append(
            file.problem(("part", n, "lessons"), tr("lessons is a list of names"))
        )
        names = []
    return Part(titles(file, given.get("title"), ("part", n), found), tuple(names))


def find_lesson(course: Course, name: str) -> Lesson:
    """Read one lesson by its name or its number in the course.

    Raises
    ------
    CourseError
        When there is none of that name, with the one probably meant.
    ContentError
        When its files have mistakes.
    """
    from gradtutor.language.errors import near_name

    names = course.names
    if name.isdecimal() and 0 < int(name) <= len(names):
        name = names[int(name) - 1]
    in_folder = name.replace("-", "").isalnum() and (course.folder / name).is_dir()
    if name not in names and not in_folder:
        close = near_name(name, names)
        key = "lesson-near" if close else "no-lesson"
        raise NotFoundError(key, name=name, near=close)
    if not (course.folder / name / "lesson.toml").is_file():
        raise NotFoundError("lesson-not-written", name=name)
    return cached_lesson(course.folder / name)


@lru_cache(maxsize=64)
def cached_lesson(folder: Path) -> Lesson:
    """Read a lesson's folder once in a run of the program."""
    return read_lesson(folder)
