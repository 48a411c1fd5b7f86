"""predict and export: what comes after a training."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import click

from gradtutor.cli.session import DONE, common_options, session
from gradtutor.messages import tr


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The answers' .csv file.  [default: standard output]",
)
@common_options
@click.pass_context
def predict(
    context: click.Context,
    /,
    run: Path,
    data: Path,
    output: Path | None,
    **_options: object,
) -> int:
    """Answer the new examples in DATA by what a training left in RUN.

    RUN is the folder of a training, or its weights. DATA has the columns of X, as the
    training data had them; images lie in a folder. An answer is the class with the
    probability of each, or the number.
    """
    from gradtutor.train.answering import answer, cell_value, find_trained
    from gradtutor.train.writing import write_text

    at = session(context)
    header, *rows = answer(find_trained(run), data.absolute())
    text = _csv([header, *rows])
    if output is not None:
        write_text(output, text)
        at.say(tr("wrote {output}: {count} answers", output=output, count=len(rows)))
    named = [dict(zip(header, map(cell_value, row), strict=True)) for row in rows]
    shown: dict[str, Any] = {"rows": len(rows), "columns": header, "answers": named}
    if output is not None:
        shown |= {"path": str(output)}
    if at.json or output is None:
        at.result(shown, text.rstrip("\n"))
    return DONE


def _csv(rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
