"""The pictures of a lesson: each can be drawn, in every variant."""

from __future__ import annotations

from gradtutor.course.content.model import Lesson
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.variants import filled_picture, parameters, variants
from gradtutor.course.lint.places import Places
from gradtutor.course.shown.lesson_drawing import picture_svg, picture_text
from gradtutor.messages import tr


def picture_problems(lesson: Lesson) -> list[Problem]:
    """Draw every picture in the terminal, and once as SVG."""
    places = Places(lesson)
    found = []
    drawn: set[str] = set()
    for n, picture in enumerate(lesson.pictures):
        for variant in range(variants(lesson)):
            filled = filled_picture(picture, parameters(lesson, variant))
            if repr(filled) in drawn:
                continue
            drawn.add(repr(filled))
            try:
                picture_text(filled, styled=False)
                if variant == 0:
                    picture_svg(filled)
            except (ValueError, KeyError) as error:
                message = tr(
                    "picture {name} cannot be drawn: {error}",
                    name=picture.name,
                    error=error,
                )
                found.append(places.toml(("picture", n), message))
                break
    return found
