"""lesson: read lessons, answer their questions, follow your progress."""

from __future__ import annotations

import click

from gradtutor.cli.lesson.answering import answer, hint, next_question, solution
from gradtutor.cli.lesson.authoring import author
from gradtutor.cli.lesson.lesson_list import check_all, reset, start, status, watch
from gradtutor.cli.lesson.serving import serve, site
from gradtutor.cli.lesson.showing import list_lessons, show


@click.group()
def lesson() -> None:
    """Read lessons, answer their questions, follow your progress."""


for command in (
    list_lessons,
    start,
    show,
    next_question,
    answer,
    hint,
    solution,
    status,
    reset,
    watch,
    check_all,
    serve,
    site,
    author,
):
    lesson.add_command(command)
