"""A folder of pages that need no server: they open from a disk and grade alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gradtutor.course.content.model import Course, Lesson
from gradtutor.course.content.variants import variants
from gradtutor.course.library.courses import cached_lesson
from gradtutor.course.shown.asking import shown_lesson
from gradtutor.course.web.content import is_live
from gradtutor.course.web.pages import Place, index_page, lesson_page
from gradtutor.course.web.pictures import file_names, picture_file, picture_of
from gradtutor.render import write_bytes
from gradtutor.train import write_text

#: Sets of numbers that a page offers; one is drawn for each learner.
MOST_VARIANTS = 4
PLACE = Place(lessons="", pictures="pictures/", home="index.html", suffix=".html")


def write_site(
    course: Course, folder: Path, told: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write the pages of a course; return what was written.

    Parameters
    ----------
    told : callable
        Given the name of each lesson once it is written.
    """
    lessons = written_lessons(course)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "index.html"]
    write_text(paths[0], index_page(course, lessons, PLACE))
    for name, lesson in lessons.items():
        offered = list(range(min(MOST_VARIANTS, variants(lesson))))
        paths.append(folder / f"{name}.html")
        write_text(paths[-1], lesson_page(course, lesson, offered, PLACE))
        paths += _write_pictures(lesson, offered, folder / "pictures" / name)
        told(name)
    return paths


def written_lessons(course: Course) -> dict[str, Lesson]:
    """Return the lessons that there are, in the course's order."""
    return {
        name: cached_lesson(course.folder / name)
        for name in course.names
        if (course.folder / name / "lesson.toml").is_file()
    }


def _write_pictures(lesson: Lesson, offered: list[int], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    drawn: dict[str, bytes] = {}  # pictures that no number of the variant changes
    for variant in offered:
        shown = shown_lesson(lesson, "en", variant)
        for one in lesson.pictures:
            live = is_live(shown, one.name)
            for file in file_names(one, variant, live=live):
                picture = picture_of(lesson, one.name, variant, file.language)
                assert picture is not None
                paths.append(folder / file.name)
                key = f"{file.kind} {picture}"
                drawn[key] = drawn.get(key) or picture_file(picture, file.kind)
                write_bytes(paths[-1], drawn[key])
    return paths
