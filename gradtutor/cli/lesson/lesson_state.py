"""What the lesson commands share: the course, the language, the log, where one is."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.session import Command, Session, common_options, session

if TYPE_CHECKING:
    from gradtutor.course.content.model import Course, Lesson, Question
    from gradtutor.course.kinds import Verdict
    from gradtutor.course.learner.progress_log import Event, LessonState
    from gradtutor.course.shown.asking import Shown


def lesson_options(command: Command) -> Command:
    """Add --lessons to the options of every command."""
    option = click.option(
        "--lessons",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Somebody else's lessons.",
    )
    return common_options(option(command))


@dataclass
class Classroom:
    """One run of a lesson command.

    Attributes
    ----------
    log : list
        The events so far; what a command adds is appended to it and to the file.
    """

    run: Session
    course: Course
    language: str
    log: list[Event]

    def say(self, key: str, **values: Any) -> str:
        """Return one of the engine's sentences in the learner's language."""
        from gradtutor.course.locale.words import say

        return say(self.language, key, **values)

    def record(self, event: str, lesson: str = "", **values: Any) -> None:
        """Append an event to the log."""
        from gradtutor.course.learner.progress_log import append

        entry = {"event": event, **({"lesson": lesson} if lesson else {}), **values}
        entry |= {"course": self.course.key} if self.course.key else {}
        append(entry)
        self.log.append(entry)

    def command(self, *words: str) -> str:
        """Return a lesson command as the learner has to type it."""
        own = ["--lessons", shlex.quote(self.course.key)] if self.course.key else []
        return " ".join(["gradtutor lesson", *words, *own])

    # ---- answers ----

    def begin(self, shown: Shown) -> None:
        """Store the variant of a lesson that is answered before it was started."""
        if self.state(shown.lesson.name).variant is None:
            self.record("start", shown.lesson.name, variant=shown.variant, folder="")

    def grade(
        self, shown: Shown, question: Question, given: list[str], *, record: bool = True
    ) -> Verdict:
        """Grade an answer and record it."""
        from gradtutor.course.kinds import grade

        choices = shown.choices(question)
        texts = shown.choice_texts(question)
        verdict = grade(question, given, choices, shown.lesson.folder, texts)
        if record:
            self.begin(shown)
            values: dict[str, Any] = {"answer": given, "verdict": verdict.status}
            values |= {"mistakes": list(verdict.mistakes)}
            values |= {"code": True} if question.kind == "code" else {}
            name = shown.lesson.name
            self.record("answer", name, question=question.id, **values)
        return verdict

    def code_path(self, lesson: str, question: Question) -> Path:
        """Return where the learner's file of a code question is."""
        from gradtutor.course.learner.workspace import FOLDER

        folder = self.state(lesson).folder
        place = Path(folder) if folder else Path(FOLDER) / lesson
        return place / str(question.fields["file"])

    def saves(self, paths: list[Path]) -> Iterator[Path]:
        """Yield each file now, and again whenever it was saved."""
        from watchfiles import watch

        yield from paths
        folders = {path.parent for path in paths}
        for changes in watch(*folders):
            changed = {Path(name).name for _, name in changes}
            yield from (
                path for path in paths if path.name in changed and path.exists()
            )

    # ---- where one is ----

    def started(self) -> list[str]:
        """Return the lessons that are under way, in the course's order."""
        found = {
            str(event["lesson"])
            for event in self.log
            if event.get("lesson") and event.get("course", "") == self.course.key
        }
        ordered = [name for name in self.course.names if name in found]
        return [name for name in ordered if self.state(name).variant is not None]

    def state(self, lesson: str) -> LessonState:
        """Return what was done in a lesson."""
        from gradtutor.course.learner.progress_log import state

        return state(self.log, lesson, self.course.key)

    def lesson(self, name: str | None) -> Lesson:
        """Read a lesson, by default the one the learner is in.

        Raises
        ------
        gradtutor.course.content.problems.CourseError
            When there is none.
        """
        from gradtutor.course.content.problems import CourseError, NotFoundError
        from gradtutor.course.learner.progress_log import current_lesson
        from gradtutor.course.library.courses import find_lesson

        found = name or current_lesson(self.log, self.course.key)
        if found is None:
            raise CourseError(self.say("nothing-started"))
        try:
            return find_lesson(self.course, found)
        except NotFoundError as error:
            raise CourseError(self.say(error.key, **error.values)) from None

    def shown(self, lesson: Lesson) -> Shown:
        """Return a lesson with the learner's variant, or the first."""
        from gradtutor.course.shown.asking import shown_lesson

        return shown_lesson(lesson, self.language, self.state(lesson.name).variant or 0)

    def find(self, name: str | None) -> tuple[Shown, Question]:
        """Return a question by ``LESSON/QUESTION`` or ``QUESTION``, else the one due.

        Raises
        ------
        gradtutor.course.content.problems.CourseError
            When there is no such question, with the one probably meant.
        """
        from gradtutor.course.content.problems import CourseError
        from gradtutor.language.errors import near_name

        head, slash, tail = (name or "").rpartition("/")
        lesson = self.lesson(head if slash else None)
        shown = self.shown(lesson)
        ids = [question.id for question in lesson.questions]
        if not tail:
            due = self.due(lesson)
            if due is None:
                raise CourseError(self.say("lesson-done"))
            return shown, shown.question(due)
        if tail.isdecimal() and 0 < int(tail) <= len(ids):
            tail = ids[int(tail) - 1]
        if tail not in ids:
            close = near_name(tail, ids)
            values = {"lesson": lesson.name, "name": tail, "near": close, "ids": ids}
            key = "question-near" if close else "no-question"
            raise CourseError(self.say(key, count=len(ids), **values))
        return shown, shown.question(tail)

    def due(self, lesson: Lesson) -> str | None:
        """Return the first question that is open; after those, the first skipped."""
        state = self.state(lesson.name)
        status = {one.id: state.question(one.id).status for one in lesson.questions}
        for wanted in ("open", "skipped"):
            for name, given in status.items():
                if given == wanted:
                    return name
        return None


def classroom(context: click.Context) -> Classroom:
    """Open the course and the log for a command; remember a language that it chose."""
    from gradtutor.messages import speak

    room = open_classroom(session(context), context.params.get("lessons"))
    speak(room.language)
    return room


def open_classroom(given: Session, lessons: Path | None = None) -> Classroom:
    """Open a course, by default the one that ships, and the learner's log."""
    import os

    from gradtutor.course.learner.progress_log import events, remembered_language
    from gradtutor.course.library.courses import read_course
    from gradtutor.messages import chosen

    run = replace(given, styled=True)
    log = list(events())
    remembered = remembered_language(log)
    language = run.language or chosen(remembered, os.environ)
    room = Classroom(run, read_course(lessons), language, log)
    if run.language and run.language != remembered:
        room.record("language", language=run.language)
    return room
