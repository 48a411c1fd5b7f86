"""predict and export: what comes after a training."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.session import DONE, common_options, session
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.train.answering import Trained


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="The answers' .csv file; or FOLDER/ for answers.csv and pictures of images.  "
    "[default: standard output]",
)
@common_options
@click.pass_context
def predict(
    context: click.Context,
    /,
    run: Path,
    data: Path,
    output: str | None,
    **_options: object,
) -> int:
    """Answer the new examples in DATA by what a training left in RUN.

    RUN is the folder of a training, or its weights. DATA has the columns of X, as the
    training data had them; images lie in a folder. An answer is the class with the
    probability of each, or the number.
    """
    from gradtutor.train.answering import cell_value, find_trained
    from gradtutor.train.writing import write_text

    at = session(context)
    table, place, pictures = _answers(find_trained(run), data.absolute(), output)
    header, *rows = table
    text = _csv(table)
    if place is not None:
        write_text(place, text)
        at.say(tr("wrote {output}: {count} answers", output=place, count=len(rows)))
    for path in pictures[:1]:
        at.wrote(path)
    named = [dict(zip(header, map(cell_value, row), strict=True)) for row in rows]
    shown: dict[str, Any] = {"rows": len(rows), "columns": header, "answers": named}
    if place is not None:
        shown |= {"path": str(place), "pictures": [str(path) for path in pictures]}
    if at.json or place is None:
        at.result(shown, text.rstrip("\n"))
    return DONE


def _answers(
    trained: Trained, data: Path, output: str | None
) -> tuple[list[list[str]], Path | None, list[Path]]:
    """Return the answers, the table's file, and the pictures that were written."""
    from gradtutor.train.answering import answer
    from gradtutor.train.report.new_pictures import answers_with_pictures

    if output and (output.endswith(("/", "\\")) or Path(output).is_dir()):
        folder = Path(output)
        table, pictures = answers_with_pictures(folder, trained, data)
        return table, folder / "answers.csv", pictures
    return answer(trained, data), Path(output) if output else None, []


def _csv(rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
