"""The pages: one HTML file each, which loads nothing but its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtutor.course.content.model import Course, Lesson
from gradtutor.course.content.variants import has_words
from gradtutor.course.locale.words import words
from gradtutor.course.shown.asking import shown_lesson
from gradtutor.course.web.content import is_live, lesson_data
from gradtutor.course.web.functions_js import functions_js
from gradtutor.messages import LANGUAGES
from gradtutor.render.page.html_file import json_text, policy_hash

ASSETS = Path(__file__).parent / "assets"
GRADER = ("answers", "formula", "expressions", "grade")


@dataclass(frozen=True)
class Place:
    """Where a page lies, and who grades.

    Attributes
    ----------
    lessons, pictures, home : str
        How links to them begin, from the page.
    suffix : str
        How links to lessons end.
    served : str
        Where the server answers; empty for pages that grade by themselves.
    language : str or None
        What to begin with; None for what the browser remembers.
    states : mapping or None
        Progress, by lesson and question, where the server knows it.
    inside : mapping or None
        The pictures themselves, as addresses of data, of a page that stands in another
        one, a notebook's, which it tells what is answered.
    """

    lessons: str
    pictures: str
    home: str
    suffix: str
    served: str = ""
    language: str | None = None
    states: Mapping[str, Mapping[str, Any]] | None = None
    inside: Mapping[str, str] | None = None


def lesson_page(
    course: Course, lesson: Lesson, variants: list[int], place: Place
) -> str:
    """Return a lesson's page, with these variants of its numbers."""
    shown = shown_lesson(lesson, LANGUAGES[0], variants[0])
    live = [one.name for one in lesson.pictures if is_live(shown, one.name)]
    data: dict[str, Any] = {"variants": [lesson_data(lesson, v) for v in variants]}
    data |= {"live": live, "worded": [p.name for p in lesson.pictures if has_words(p)]}
    states = None if place.states is None else place.states.get(lesson.name, {})
    config = _config(course, place) | {"name": lesson.name, "states": states}
    return _page(lesson.titles, config, home=place.home, lesson=data)


def index_page(course: Course, lessons: Mapping[str, Lesson], place: Place) -> str:
    """Return the list of lessons."""
    parts = [
        {
            "titles": dict(part.titles),
            "lessons": [_row(lessons[one]) for one in part.lessons if one in lessons],
        }
        for part in course.parts
    ]
    data = {"titles": dict(course.titles), "parts": parts}
    config = _config(course, place) | {"states": place.states}
    return _page(course.titles, config, home=place.home, course=data)


def _row(lesson: Lesson) -> dict[str, Any]:
    return {
        "name": lesson.name,
        "titles": dict(lesson.titles),
        "minutes": lesson.minutes,
        "questions": [one.id for one in lesson.questions],
    }


def _config(course: Course, place: Place) -> dict[str, Any]:
    return {
        "course": course.key or "gradtutor",
        "served": place.served,
        "language": place.language,
        "lessons": place.lessons,
        "pictures": place.pictures,
        "suffix": place.suffix,
        "inside": None if place.inside is None else dict(place.inside),
        "words": words(),
    }


def script_text(*names: str) -> str:
    """Return the page's whole script."""
    parts = [functions_js(), *[(ASSETS / f"{n}.js").read_text("utf-8") for n in names]]
    return "\n".join(['"use strict";', "(() => {", *parts, "})();", ""])


def _page(
    titles: Mapping[str, str],
    config: Mapping[str, Any],
    *,
    home: str,
    **data: Any,
) -> str:
    from jinja2 import Environment
    from markupsafe import Markup

    style = (ASSETS / "lesson.css").read_text("utf-8")
    own = (*GRADER, "lesson") if "lesson" in data else ("answers", "index")
    script = script_text(*own)
    source = (ASSETS / "page.html.j2").read_text("utf-8")
    template = Environment(autoescape=True).from_string(source)
    return template.render(
        title=titles[LANGUAGES[0]],
        home=home,
        style=Markup(style),
        script=Markup(script),
        style_hash=policy_hash(style),
        script_hash=policy_hash(script),
        config=Markup(json_text(config)),
        **{name: Markup(json_text(one)) for name, one in data.items()},
    )
