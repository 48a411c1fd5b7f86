"""The pictures of a lesson: each can be drawn, in every variant and language."""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.course.content.model import Lesson, Picture
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.variants import filled_picture, parameters, variants
from gradtutor.course.figures.lesson_drawing import picture_svg, picture_text
from gradtutor.course.lint.places import Places
from gradtutor.messages import LANGUAGES, tr


def picture_problems(lesson: Lesson) -> list[Problem]:
    """Draw every picture in the terminal, and once as SVG."""
    places = Places(lesson)
    found = []
    for n, picture in enumerate(lesson.pictures):
        for variant, filled in _distinct(lesson, picture):
            try:
                picture_text(filled, styled=False)
                if variant == 0:
                    picture_svg(filled, letters=False)
            except (ValueError, KeyError) as error:
                message = tr(
                    "picture {name} cannot be drawn: {error}",
                    name=picture.name,
                    error=error,
                )
                found.append(places.toml(("picture", n), message))
                break
    return found


def _distinct(lesson: Lesson, picture: Picture) -> Iterator[tuple[int, Picture]]:
    """Yield a picture of each variant and language, where they differ."""
    drawn: set[str] = set()
    for variant in range(variants(lesson)):
        numbers = parameters(lesson, variant)
        for language in LANGUAGES:
            filled = filled_picture(picture, numbers, language)
            if repr(filled) not in drawn:
                drawn.add(repr(filled))
                yield variant, filled
