"""Prove a lesson's content: its form, its answers, its code, its shell examples."""

from __future__ import annotations

from pathlib import Path

from gradtutor.course.content.problems import ContentError, Problem
from gradtutor.course.library.lesson_files import read_lesson
from gradtutor.course.lint.answers import answer_problems
from gradtutor.course.lint.form import form_problems
from gradtutor.course.lint.pictures import picture_problems
from gradtutor.course.lint.shell import Runner, shell_problems


def lint_lesson(folder: Path, run: Runner | None = None) -> list[Problem]:
    """Return everything that is wrong with a lesson's folder, in the files' order.

    The content is proved only when the form is right, since it is read through it.

    Parameters
    ----------
    run : callable, optional
        Runs a command of the shell examples; without it they are not run.
    """
    try:
        lesson = read_lesson(folder)
    except ContentError as error:
        return error.problems
    found = form_problems(lesson)
    if not found:
        found = answer_problems(lesson) + picture_problems(lesson)
        found += shell_problems(lesson, run) if run else []
    return sorted(set(found), key=lambda one: (str(one.path), one.line, one.message))


__all__ = ["Runner", "lint_lesson"]
