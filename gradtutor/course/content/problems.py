"""What can be wrong with a lesson's files: each with file, line and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtutor.errors import TutorError
from gradtutor.messages import language


class CourseError(TutorError):
    """A lesson or question that does not exist, or a folder that is no course."""


class NotFoundError(CourseError):
    """A lesson or question that is not there; a reader of any language is told.

    Attributes
    ----------
    key, values
        The sentence in ``course.locale.words`` and what fills its blanks.
    """

    def __init__(self, key: str, /, **values: Any) -> None:
        from gradtutor.course.locale.words import say

        super().__init__(say(language(), key, **values))
        self.key, self.values = key, values


@dataclass(frozen=True)
class Problem:
    """One finding of the lint.

    Attributes
    ----------
    path : Path
        The file.
    line : int
        Its line, from 1.
    message : str
        What is wrong.
    hint : str
        What to do about it.
    """

    path: Path
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return ``lesson.toml:12: what is wrong; what to do``, with the folder."""
        place = f"{Path(*self.path.parts[-2:])}:{self.line}"
        return f"{place}: {self.message}" + (f"; {self.hint}" if self.hint else "")


class ContentError(CourseError):
    """Content that cannot be used; ``problems`` has every place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
