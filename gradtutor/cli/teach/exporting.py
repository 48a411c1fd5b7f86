"""teach export: the exercises of a sheet as a quiz of Moodle or Canvas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gradtutor.cli.lesson.lesson_state import lesson_options
from gradtutor.cli.session import DONE, session
from gradtutor.messages import tr


@click.command()
@click.argument("spec", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--moodle",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An .xml file for Moodle's question bank.",
)
@click.option(
    "--qti",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A .zip file of QTI, for Canvas.",
)
@click.option(
    "--variants",
    type=click.IntRange(1, 64),
    default=16,
    show_default=True,
    help="At most so many questions of one exercise, each with other numbers.",
)
@lesson_options
@click.pass_context
def export(context: click.Context, /, spec: Path, **options: Any) -> int:
    """Write the exercises of SPEC as quiz questions, pictures and feedback inside.

    Every choice of numbers is a question; a category holds those of one exercise, to
    draw from at random. A formula becomes a choice among the known mistakes.
    """
    from gradtutor.course.library.courses import read_course
    from gradtutor.messages import language as spoken
    from gradtutor.render.picture import write_bytes
    from gradtutor.teach.quiz.items import items
    from gradtutor.teach.quiz.moodle import moodle_xml
    from gradtutor.teach.quiz.qti import qti_zip
    from gradtutor.teach.spec import read_sheet

    run = session(context)
    language = run.language or spoken()
    if not options["moodle"] and not options["qti"]:
        raise click.UsageError(
            tr("name a file: --moodle questions.xml or --qti quiz.zip")
        )
    sheet = read_sheet(spec, read_course(options["lessons"]))
    questions = list(items(sheet, language, options["variants"]))
    written = []
    if options["moodle"]:
        write_bytes(options["moodle"], moodle_xml(questions))
        written.append(str(options["moodle"]))
    if options["qti"]:
        write_bytes(options["qti"], qti_zip(sheet.titles[language], questions))
        written.append(str(options["qti"]))
    run.say(tr("wrote {count} questions", count=len(questions)))
    run.result({"files": written, "questions": len(questions)}, "\n".join(written))
    return DONE
