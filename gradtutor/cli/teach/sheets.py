"""teach sheet: exercise sheets with numbers of their own, and their keys."""

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
    "--roster",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A class list, .csv with the columns name and id: a sheet for each student.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder: sheets/, keys/ and sheet.json, which grading reads.",
)
@click.option(
    "--versions",
    type=click.IntRange(2, 26),
    help="So many versions, A, B, …, instead of a sheet for each student.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(["html", "pdf", "md"]),
    multiple=True,
    help="Repeatable.  [default: html]",
)
@lesson_options
@click.pass_context
def sheet(context: click.Context, /, spec: Path, output: Path, **options: Any) -> int:
    """Write exercise sheets from SPEC, a short TOML file, each with its key.

    The numbers depend on --seed and the student's id, so that the same command makes
    the same sheets. Exercises are questions of lessons or of your own: fill the wires
    of a circuit, differentiate, compute, find the wrong line, order, choose.
    """
    from gradtutor.course.library.courses import read_course
    from gradtutor.messages import language as spoken
    from gradtutor.teach.roster import copies, read_roster
    from gradtutor.teach.sheets import write_sheets
    from gradtutor.teach.spec import read_sheet

    run = session(context)
    language = run.language or spoken()
    read = read_sheet(spec, read_course(options["lessons"]))
    roster = options["roster"]
    students = read_roster(roster) if roster else []
    made = copies(read, students, run.seed or 0, options["versions"] or 0)
    formats = options["formats"] or ("html",)
    paths = write_sheets(output, read, made, language, formats)
    count = len(paths) // 2
    run.say(
        tr(
            "wrote {count} sheets and their keys to {folder}",
            count=count,
            folder=output,
        )
    )
    for note in notes(language, formats):
        run.say(f"({note})")
    files = [str(path) for path in paths]
    data: dict[str, Any] = {"folder": str(output), "files": files}
    data |= {"copies": len(made), "students": len(students), "points": read.points}
    run.result(data, "\n".join(files))
    return DONE


def notes(language: str, formats: tuple[str, ...]) -> list[str]:
    """Return what a teacher should know of the files, as of missing letters."""
    from gradtutor.messages.font import chinese_font

    if language == "zh" and "pdf" in formats and chinese_font() is None:
        return [
            tr(
                "there is no font with Chinese letters for the PDF: "
                "pip install 'gradtutor[zh]'"
            )
        ]
    return []
