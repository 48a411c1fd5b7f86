"""Where in a lesson's files a finding points."""

from __future__ import annotations

from gradtutor.course.content.model import Lesson, Question
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.toml_lines import Place, read_toml


class Places:
    """The lines of a lesson's TOML."""

    def __init__(self, lesson: Lesson) -> None:
        self.file = read_toml(lesson.folder / "lesson.toml")

    def toml(self, place: Place, message: str, hint: str = "") -> Problem:
        """Point at a key of lesson.toml."""
        return self.file.problem(place, message, hint)

    def question(
        self, question: Question, message: str, hint: str = "", *keys: str | int
    ) -> Problem:
        """Point at a question, or at a key in it."""
        place = ("question", question.number - 1, *keys)
        return self.file.problem(place, f"{question.id}: {message}", hint)
