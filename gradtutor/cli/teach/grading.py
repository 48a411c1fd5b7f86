"""teach grade: grade what a class handed in."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gradtutor.cli.lesson.lesson_state import lesson_options
from gradtutor.cli.session import DONE, session
from gradtutor.messages import tr


@click.command()
@click.argument("answers", type=click.Path(path_type=Path))
@click.option(
    "--sheet",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder that teach sheet wrote.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The report, .csv: a line for each student and exercise.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    help="Answers graded at once.  [default: the number of cores]",
)
@lesson_options
@click.pass_context
def grade(
    context: click.Context, /, answers: Path, output: Path, **options: Any
) -> int:
    """Grade ANSWERS: a .csv with a column an exercise, or a folder of files.

    In a folder each student has a file (.txt, .md, .json, .py, .ipynb) or a folder of
    such files, named by the student's id or name; a text has "1: …" for each exercise.
    Code runs in a sandbox. A grading that was ended goes on where it was when the
    command is given again; a bad file costs its own points and nobody else's. Beside
    the report are REPORT.svg, the most frequent misconceptions, and REPORT.log.
    """
    from gradtutor.course.library.courses import read_course
    from gradtutor.render.picture import write_bytes
    from gradtutor.teach.grading import grade_class
    from gradtutor.teach.report import report_csv, summary, summary_svg, summary_text
    from gradtutor.teach.sheets import read_given
    from gradtutor.teach.submissions import read_submissions
    from gradtutor.teach.work import Row, Task, tasks

    run = session(context)
    lessons = options["lessons"]
    given = read_given(options["sheet"], read_course(lessons))
    submissions = read_submissions(answers, given)
    work = list(tasks(given, submissions))
    open_tasks = [one for one in work if isinstance(one, Task)]
    log = output.with_suffix(".log")
    processes = options["processes"] or os.cpu_count() or 1
    done = grade_class(
        options["sheet"].absolute(), lessons, open_tasks, log, processes=processes
    )
    rows = [one if isinstance(one, Row) else done[one.key] for one in work]
    found = summary(rows, given.sheet.points, given.language)
    write_bytes(output, report_csv(rows, given.language).encode("utf-8-sig"))
    picture = output.with_suffix(".svg")
    write_bytes(picture, summary_svg(found, given.language).encode())
    run.say(tr("wrote {report} and {picture}", report=output, picture=picture))
    data = {"report": str(output), "picture": str(picture), "summary": asdict(found)}
    run.result(data, summary_text(found, given.language))
    return DONE
