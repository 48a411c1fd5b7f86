"""``gt.lesson``: a lesson in a notebook, its questions answered with a call.

Progress is the one that ``gradtutor lesson`` keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from gradtutor.cli.lesson.answering import hint_result, solution_result, verdict_result
from gradtutor.cli.lesson.lesson_state import Classroom, open_classroom
from gradtutor.cli.lesson.showing import lesson_row
from gradtutor.cli.session import Session
from gradtutor.course.content.model import Question
from gradtutor.course.figures.lesson_drawing import picture_svg
from gradtutor.course.shown.asking import Shown
from gradtutor.front.cells.lesson_cell import LessonPage, read_lesson_page
from gradtutor.front.errors import in_words
from gradtutor.front.pages import Language, Told
from gradtutor.messages import speaking

MARKS = {"correct": "✓", "wrong": "✗", "invalid": "!", "undecided": "?"}


@dataclass(frozen=True)
class Answered:
    """What the grader says of an answer.

    Attributes
    ----------
    verdict : str
        ``correct``, ``wrong``, ``invalid`` (not counted) or ``undecided``.
    feedback : list of str
        Paragraphs of Markdown.
    data : mapping
        All of it, as ``gradtutor lesson answer --json`` prints it.
    """

    verdict: str
    feedback: list[str]
    word: str
    data: Mapping[str, Any] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the answer is right."""
        return self.verdict == "correct"

    def __repr__(self) -> str:
        """Return the verdict and what is said of the answer."""
        return "\n\n".join([f"{MARKS[self.verdict]} {self.word}", *self.feedback])

    def _repr_markdown_(self) -> str:
        head = f"**{MARKS[self.verdict]} {self.word}**"
        return "\n\n".join([head, *self.feedback])


@in_words
def lesson(
    name: str,
    lang: Language | None = None,
    folder: str | Path | None = None,
) -> Lesson:
    """Return a lesson; a cell shows its text, pictures and questions.

    Parameters
    ----------
    name : str
        ``"gates"``; ``gt.lessons()`` lists them.
    lang : str, optional
        ``en`` or ``zh``; it is remembered.
    folder : str or Path, optional
        Somebody else's lessons.
    """
    room = open_classroom(Session(language=lang), Path(folder) if folder else None)
    return Lesson(room, room.shown(room.lesson(name)))


def lessons(lang: Language | None = None) -> Told:
    """List the lessons, and how far you are in each."""
    room = open_classroom(Session(language=lang))
    rows = [lesson_row(room, name) for name in room.course.names]
    lines = [
        f"{row['name']:<17} {row['title'] or ''}  {row['right']}/{row['questions']}"
        for row in rows
    ]
    return Told("\n".join(lines), {"lessons": rows})


@dataclass(frozen=True)
class Lesson:
    """A lesson in a language and with a variant's numbers."""

    room: Classroom = field(repr=False)
    shown: Shown = field(repr=False)

    @property
    def name(self) -> str:
        """The lesson's name."""
        return self.shown.lesson.name

    @property
    def title(self) -> str:
        """Its title."""
        return self.shown.lesson.titles[self.room.language]

    @property
    def questions(self) -> list[str]:
        """The questions' names, in order."""
        return [one.id for one in self.shown.lesson.questions]

    @property
    def status(self) -> dict[str, str]:
        """``open``, ``right``, ``shown`` or ``skipped``, by question."""
        state = self.room.state(self.name)
        return {name: state.question(name).status for name in self.questions}

    def question(self, which: int | str) -> str:
        """Return a question's words, as Markdown."""
        return self.shown.body(self._found(which))

    @in_words
    def answer(self, which: int | str, *answers: Any, **blanks: Any) -> Answered:
        """Answer a question, and note it in your progress.

        Parameters
        ----------
        which : int or str
            The question's number, from 1, or its name.
        answers
            An expression or a number, ``"a"`` or ``"b,a"`` for choices; a file's path
            for code.
        blanks
            For a circuit: ``answer(1, q=3, dq=-4)``.
        """
        asked = self._found(which)
        given = [*map(str, answers), *[f"{k}={v}" for k, v in blanks.items()]]
        if asked.kind == "code" and not given:
            given = [str(self.room.code_path(self.name, asked))]
        with speaking(self.room.language):
            verdict = self.room.grade(self.shown, asked, given)
        data, _ = verdict_result(self.room, self.shown, asked, given, verdict)
        word = self.room.say(verdict.status)
        return Answered(verdict.status, data["feedback"], word, data)

    @in_words
    def hint(self, which: int | str) -> Told:
        """Give the next of three hints."""
        data, text = hint_result(self.room, self.shown, self._found(which))
        return Told(text, data)

    @in_words
    def solution(self, which: int | str) -> Told:
        """Show the worked solution; an open question then counts as shown."""
        data, text = solution_result(self.room, self.shown, self._found(which))
        return Told(text, data)

    def _found(self, which: int | str) -> Question:
        return self.room.find(f"{self.name}/{which}")[1]

    def __repr__(self) -> str:
        """Return the title and how far you are."""
        right = sum(one == "right" for one in self.status.values())
        return f"Lesson({self.name}: {self.title}, {right}/{len(self.questions)} right)"

    def page(self) -> LessonPage:
        """Return the page with fields for the answers, as a cell shows the lesson.

        It grades by itself; where anywidget is installed, what is answered there counts
        as ``answer`` does.
        """
        found = self.shown
        return read_lesson_page(self.room, found.lesson, found.variant, self._note)

    def _note(self, done: Mapping[str, Any]) -> object:
        """Note what was answered, or asked for, in the page."""
        match done.get("what"):
            case "hint":
                return self.hint(done["question"])
            case "solution":
                return self.solution(done["question"])
            case _:
                return self.answer(done["question"], *done["answer"])

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = self.page()._repr_mimebundle_(**options)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        return ({**data, "text/plain": repr(self)}, *metadata)

    def _display_(self) -> Any:
        """Return what marimo shows."""
        return self.page()

    @property
    def markdown(self) -> str:
        """The whole lesson: prose, pictures as SVG, questions."""
        parts = [f"# {self.title}"]
        for kind, body in self.shown.pieces():
            if kind == "text":
                parts.append(body)
            elif kind == "picture":
                parts.append(self._picture(body))
            else:
                parts.append(self._asked(body))
        return "\n\n".join(parts)

    def _picture(self, name: str) -> str:
        from base64 import b64encode

        svg = b64encode(picture_svg(self.shown.picture(name))).decode()
        return f'<img alt="{escape(name)}" src="data:image/svg+xml;base64,{svg}">'

    def _asked(self, name: str) -> str:
        asked = self.shown.question(name)
        body = "\n".join(f"> {line}" for line in self.shown.body(asked).splitlines())
        return f"> **{asked.number}**\n>\n{body}\n\n`lesson.answer({asked.number}, …)`"
