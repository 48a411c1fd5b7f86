"""teach: sheets of exercises, their grades, quizzes for Moodle and Canvas."""

from __future__ import annotations

import click

from gradtutor.cli.teach.exporting import export
from gradtutor.cli.teach.grading import grade
from gradtutor.cli.teach.sheets import sheet


@click.group()
def teach() -> None:
    """Make exercise sheets for a class, grade the answers, export quizzes."""


for command in (sheet, grade, export):
    teach.add_command(command)
