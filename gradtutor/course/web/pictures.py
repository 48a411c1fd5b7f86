"""The pictures of a lesson as files of a site: SVG, and circuits to play with."""

from __future__ import annotations

from gradtutor.course.content.model import Lesson, Picture
from gradtutor.course.content.variants import filled_picture, parameters
from gradtutor.course.shown.lesson_drawing import circuit_of, picture_svg
from gradtutor.render.page.html_file import circuit_page


def picture_of(lesson: Lesson, name: str, variant: int) -> Picture | None:
    """Return a picture with a variant's numbers; None where there is no such one."""
    found = next((one for one in lesson.pictures if one.name == name), None)
    return found and filled_picture(found, parameters(lesson, variant))


def picture_file(picture: Picture, kind: str) -> bytes:
    """Return the picture as ``svg``, or a circuit's live page as ``html``."""
    if kind == "svg":
        return picture_svg(picture)
    circuit, at, style = circuit_of(picture)
    return circuit_page(circuit.graph, circuit.ties, style, at).content
