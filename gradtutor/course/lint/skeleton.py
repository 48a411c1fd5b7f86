"""A new lesson: a small one that passes the lint, to write over."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from gradtutor.course.content.keys import NAME
from gradtutor.course.content.problems import CourseError
from gradtutor.messages import tr

FILES = ("lesson.toml", "text.en.md", "text.zh.md")


def write_skeleton(folder: Path) -> list[Path]:
    """Write a lesson's three files; the folder's name is the lesson's.

    Raises
    ------
    CourseError
        When the name is none for a lesson, or a file is there already.
    OSError
        When a file cannot be written.
    """
    if not NAME.fullmatch(folder.name):
        raise CourseError(
            tr(
                "{name!r} is no name for a lesson: small letters, digits and hyphens",
                name=folder.name,
            )
        )
    paths = [folder / name for name in FILES]
    for path in paths:
        if path.exists():
            raise CourseError(tr("{path} is there already", path=path))
    folder.mkdir(parents=True, exist_ok=True)
    source = files("gradtutor.course.lint") / "new_lesson"
    for path in paths:
        text = (source / path.name).read_text(encoding="utf-8")
        path.write_text(text.replace("@NAME@", folder.name), encoding="utf-8")
    return paths
