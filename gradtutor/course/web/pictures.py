"""The pictures of a lesson as files of a site: SVG, and circuits to play with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gradtutor.course.content.model import Lesson, Picture
from gradtutor.course.content.variants import filled_picture, has_words, parameters
from gradtutor.course.figures.lesson_drawing import circuit_of, picture_svg
from gradtutor.messages import LANGUAGES
from gradtutor.render.page.html_file import circuit_page


class FileName(NamedTuple):
    """A picture's file: its name, the language of its words, svg or html."""

    name: str
    language: str
    kind: str


def picture_of(
    lesson: Lesson, name: str, variant: int, language: str
) -> Picture | None:
    """Return a picture with a variant's numbers; None where there is no such one."""
    found = next((one for one in lesson.pictures if one.name == name), None)
    return found and filled_picture(found, parameters(lesson, variant), language)


def file_names(picture: Picture, variant: int, *, live: bool) -> Iterator[FileName]:
    """Yield the names of a picture's files, each with its language and kind.

    What has words is there in each language: ``line-0-zh.svg``.
    """
    if has_words(picture):
        for language in LANGUAGES:
            name = f"{picture.name}-{variant}-{language}.svg"
            yield FileName(name, language, "svg")
        return
    for kind in ("svg", "html") if live else ("svg",):
        yield FileName(f"{picture.name}-{variant}.{kind}", LANGUAGES[0], kind)


def picture_file(picture: Picture, kind: str) -> bytes:
    """Return the picture as ``svg``, or a circuit's live page as ``html``."""
    if kind == "svg":
        return picture_svg(picture)
    circuit, at, style = circuit_of(picture)
    return circuit_page(circuit.graph, circuit.ties, style, at).content
