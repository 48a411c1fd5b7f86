"""A lesson in a notebook's cell: the page with its fields, in a frame.

The page grades by itself, with the program's verdicts. With anywidget each answer comes
to Python, too, and counts in the progress that the command line keeps.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gradtutor.cli.lesson.lesson_state import Classroom
from gradtutor.cli.lesson.serving import states_of
from gradtutor.course.content.model import Lesson
from gradtutor.course.content.variants import has_words
from gradtutor.course.figures.lesson_drawing import picture_svg
from gradtutor.course.web.pages import Place, lesson_page
from gradtutor.course.web.pictures import picture_of
from gradtutor.messages import LANGUAGES
from gradtutor.readings.page import Framed

HEIGHT = 720  # pixels of the frame in a cell


@dataclass(repr=False)
class LessonPage(Framed):
    """A lesson as a page that stands in a cell.

    Attributes
    ----------
    html : str
        The whole page; it loads nothing.
    """

    allowed: ClassVar[str] = "allow-scripts allow-forms"
    html: str
    title: str
    note: Callable[[Mapping[str, Any]], object]
    height: int = HEIGHT
    _widget: Any = field(default=None, compare=False)

    def heard(self, sent: Mapping[str, Any]) -> None:
        """Note an answer, a hint or a solution that the page tells of."""
        if sent:
            self.note(sent)

    def __repr__(self) -> str:
        """Say what it is, not its text."""
        return f"LessonPage({self.title}: {len(self.html):,} characters)"


def read_lesson_page(
    room: Classroom,
    lesson: Lesson,
    variant: int,
    note: Callable[[Mapping[str, Any]], object],
) -> LessonPage:
    """Return the page of a lesson with the numbers of a variant.

    Parameters
    ----------
    note : callable
        Given the question, and its answer or what else was asked for.
    """
    pictures = {
        one.name + (f"-{language}" if has_words(one) else ""): _address(
            lesson, one.name, variant, language
        )
        for one in lesson.pictures
        for language in LANGUAGES
    }
    place = Place(
        lessons="",
        pictures="",
        home="#",
        suffix="",
        language=room.language,
        states=states_of(room, {lesson.name: lesson}),
        inside=pictures,
    )
    html = lesson_page(room.course, lesson, [variant], place)
    return LessonPage(html, lesson.titles[room.language], note)


def _address(lesson: Lesson, name: str, variant: int, language: str) -> str:
    """Return a picture as an address that holds it."""
    picture = picture_of(lesson, name, variant, language)
    assert picture is not None  # it is one of the lesson's
    return f"data:image/svg+xml;base64,{b64encode(picture_svg(picture)).decode()}"
