"""lesson serve, lesson site: the lessons in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.lesson.answering import hint_result, solution_result, verdict_result
from gradtutor.cli.lesson.lesson_state import (
    Classroom,
    classroom,
    lesson_options,
    open_classroom,
)
from gradtutor.cli.session import DONE
from gradtutor.cli.streams import flush_output
from gradtutor.messages import LANGUAGES, speaking

if TYPE_CHECKING:
    from gradtutor.course.content.model import Question
    from gradtutor.course.kinds import Note
    from gradtutor.course.shown.asking import Shown

SERVED = ("answer", "hint", "solution", "language")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@lesson_options
@click.pass_context
def site(context: click.Context, /, folder: Path, **_options: Any) -> int:
    """Write the lessons to FOLDER as pages, which need no server and no network.

    They check numbers and expressions by themselves, in English and Chinese.
    """
    from gradtutor.course.web.site import write_site

    room = classroom(context)
    paths = write_site(room.course, folder, room.run.say)
    data = {"folder": str(folder), "files": [str(path) for path in paths]}
    room.run.result(data, f"{len(paths)} files: open {folder / 'index.html'}")
    return DONE


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="[default: a free one]"
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@lesson_options
@click.pass_context
def serve(
    context: click.Context, /, port: int, no_browser: bool, **_options: Any
) -> int:
    """Show the lessons in a browser, on this machine alone; Ctrl-C ends it.

    Answers are graded and progress is kept as by the other lesson commands.
    """
    import webbrowser

    from gradtutor.course.web.server import LessonServer

    desk = Desk(classroom(context))
    with LessonServer(port, desk.page, desk.actions) as server:
        desk.served = f"/{server.word}/"
        desk.room.run.result({"url": server.url}, server.url)
        flush_output()
        if not no_browser:
            webbrowser.open(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            desk.room.run.say("")
    return DONE


class Desk:
    """Answers the pages out of a classroom, whose log is read anew each time."""

    def __init__(self, room: Classroom) -> None:
        self.room = room
        self.served = "/"

    @property
    def actions(self) -> dict[str, Any]:
        """What the pages may ask for, by name."""
        return {name: getattr(self, name) for name in SERVED}

    def refreshed(self, language: str | None = None) -> Classroom:
        """Return the room with what the command line has done meanwhile."""
        folder = self.room.course.folder if self.room.course.key else None
        run = replace(self.room.run, language=None)
        room = open_classroom(run, folder)
        return replace(room, language=language or room.language)

    # ---- pages ----

    def page(self, path: str) -> tuple[str, bytes] | None:
        """Return the list, a lesson's page or a picture."""
        from gradtutor.course.web.pages import index_page, lesson_page
        from gradtutor.course.web.site import written_lessons

        room = self.refreshed()
        lessons = written_lessons(room.course)
        if path in ("", "index.html"):
            text = index_page(room.course, lessons, self._place(room, lessons))
            return "html", text.encode()
        if path.startswith("pictures/"):
            return _picture(lessons, path.removeprefix("pictures/"))
        if path not in lessons:
            return None
        variant = room.state(path).variant or 0
        place = self._place(room, {path: lessons[path]})
        return "html", lesson_page(
            room.course, lessons[path], [variant], place
        ).encode()

    def _place(self, room: Classroom, lessons: Mapping[str, Any]) -> Any:
        from gradtutor.course.web.pages import Place

        states, home = states_of(room, lessons), self.served
        pictures = f"{home}pictures/"
        return Place(home, pictures, home, "", home, room.language, states)

    # ---- what a page asks ----

    def answer(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Grade an answer and record it, as ``lesson answer`` does."""
        room, shown, asked = self._asked(sent)
        given = [str(word) for word in sent["answer"]]
        with speaking(room.language):
            verdict = room.grade(shown, asked, given)
        data, _ = verdict_result(room, shown, asked, given, verdict)
        return {
            "status": verdict.status,
            "mistakes": list(verdict.mistakes),
            "parts": dict(verdict.parts),
            "notes": [_note(one) for one in verdict.notes],
            "state": data["status"],
        }

    def hint(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Record that a hint was taken."""
        return hint_result(*self._asked(sent))[0]

    def solution(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Record that the solution was shown."""
        return solution_result(*self._asked(sent))[0]

    def language(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Remember the language that was chosen."""
        language = sent["language"]
        if language not in LANGUAGES:
            raise ValueError(f"{language!r} is no language")
        self.refreshed().record("language", language=language)
        return {"language": language}

    def _asked(self, sent: Mapping[str, Any]) -> tuple[Classroom, Shown, Question]:
        room = self.refreshed(sent.get("language"))
        return room, *room.find(f"{sent['lesson']}/{sent['question']}")


def _note(note: Note) -> dict[str, Any]:
    """Return a note as a page's own grader has it; whole numbers as text."""
    values = {key: _value(one) for key, one in note.values.items()}
    return {"key": note.key, "values": values}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _value(one) for name, one in value.items()}
    if isinstance(value, float | str | list | tuple):
        return value
    return str(value)


def states_of(room: Classroom, lessons: Mapping[str, Any]) -> dict[str, Any]:
    """Return how far one is, by lesson and question, as a page takes it."""
    return {
        name: {one.id: _state(room, name, one.id) for one in lesson.questions}
        for name, lesson in lessons.items()
    }


def _state(room: Classroom, lesson: str, question: str) -> dict[str, Any]:
    found = room.state(lesson).question(question)
    return {"status": found.status, "tries": found.tries, "hints": found.hints}


def _picture(lessons: Mapping[str, Any], path: str) -> tuple[str, bytes] | None:
    """Return ``LESSON/NAME-VARIANT.svg``, ``-VARIANT-zh.svg``, or its live page."""
    import re

    from gradtutor.course.web.pictures import picture_file, picture_of

    name = r"([\w-]+?)/([\w-]+)-(\d{1,3})(?:-(en|zh))?\.(svg|html)"
    match = re.fullmatch(name, path)
    if match is None or match[1] not in lessons:
        return None
    language, kind = match[4] or "en", match[5]
    picture = picture_of(lessons[match[1]], match[2], int(match[3]), language)
    if picture is None or (kind == "html" and "formula" not in picture.fields):
        return None
    return kind, picture_file(picture, kind)
