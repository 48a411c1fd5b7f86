"""check: is a gradient right? Of a formula, of a person's code, of a derivation."""

from __future__ import annotations

import re
import time
from typing import Any

import click

from gradtutor.cli.arguments import ExpressionCommand, read_text
from gradtutor.cli.checking.asked import code_of
from gradtutor.cli.checking.auditing import (
    audit_code,
    audit_many,
)
from gradtutor.cli.checking.derivations import audit_derivation, is_derivation
from gradtutor.cli.checking.options import CheckOptions
from gradtutor.cli.checking.rows import head, row_text
from gradtutor.cli.drawing.circuit import at_option, ties_option
from gradtutor.cli.drawing.notes import notes
from gradtutor.cli.drawing.preparing import prepared
from gradtutor.cli.options import taken
from gradtutor.cli.session import DONE, FAILED, UNDECIDED, common_options, session
from gradtutor.messages import tr


@click.command(cls=ExpressionCommand)
@click.argument("expression")
@click.argument("more", nargs=-1)
@at_option
@ties_option
@click.option(
    "--shapes",
    multiple=True,
    metavar="x=3x4,y=3:0..2",
    help="For code: shapes of random arguments, and ranges of labels; repeatable.",
)
@click.option("--formula", help="For code: what is differentiated.")
@click.option(
    "--forward",
    default="forward",
    show_default=True,
    help="For code: the function that is differentiated.",
)
@click.option("--returns", metavar="x,W", help="For code: which gradients it returns.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    show_default=True,
    help="For code: seconds.",
)
@click.option(
    "--against", metavar="FILE", help="For many files: the solution they should match."
)
@click.option("--csv", metavar="FILE", help="For many files: a table of the results.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="For code: what forward computes, the wrong gradient marked; .html, .svg, ...",
)
@common_options
@click.pass_context
def check(
    context: click.Context, /, expression: str, more: tuple[str, ...], **parameters: Any
) -> int:
    """Check every gradient of EXPRESSION against finite differences.

    EXPRESSION is a formula; or a gradient of your own in NumPy, layer.py:backward, with
    forward beside it; or a file or notebook with such functions, which are all checked;
    or a file with a derivation, lines such as df/dx = df/dq * z.
    The first wrong line is named, and the likely mistake. Several files are audited one
    after the other, into one table.

    Inputs without a value get a random one, the same for the same --seed.
    """
    run, options = session(context), taken(CheckOptions, parameters)
    files = [expression, *more]
    many = more or options.against or options.csv
    if many and all(re.search(r"\.(py|ipynb)$", path) for path in files):
        return audit_many(run, files, options)
    _one_expression(context, more)
    code = code_of(expression)
    if code:
        return audit_code(run, *code, options)
    text = read_text(expression)
    if is_derivation(text):
        return audit_derivation(run, text, options)
    return _check_formula(run, text, options)


def _one_expression(context: click.Context, more: tuple[str, ...]) -> None:
    if more:
        words = " ".join([context.params["expression"], *more])
        count = len(more) + 1
        raise click.UsageError(
            tr(
                '{count} arguments are not one: put them in quotes, "{words}"',
                count=count,
                words=words,
            ),
            context,
        )


# ---- of a formula ----


def _check_formula(run: Any, expression: str, options: CheckOptions) -> int:
    from gradtutor.evaluate.check import check_gradients
    from gradtutor.evaluate.point import random_point, read_points
    from gradtutor.evaluate.report import plain

    point = read_points(options.at)
    circuit = prepared(expression, point, options.ties)
    graph = circuit.graph
    given = {
        name: value for name, value in graph.nodes(data="value") if value is not None
    }
    drawn = random_point(graph, run.seed or 0)
    said = {*point, *(n for n in given if graph.nodes[n].get("role") != "constant")}
    point = given | point
    if said:
        _say_drawn(run, {name: drawn[name] for name in drawn if name not in point})
    point = drawn | point
    limited = _Limited(run)
    rows = check_gradients(graph, point, circuit.ties, limited)
    told = [*notes(circuit, point), *limited.notes]
    data = {
        "inputs": {
            row.name: {
                "analytic": plain(row.analytic),
                "numeric": plain(row.numeric),
                "relative_error": plain(row.relative_error),
                "ok": row.ok,
            }
            | ({"note": row.note} if row.note else {})
            for row in rows
        },
        "ok": _verdict([row.ok for row in rows]),
    } | ({"notes": told} if told else {})
    lines = [
        head(tr("input"), tr("analytic")),
        *map(_row, rows),
        *(f"({note})" for note in told),
    ]
    run.result(data, "\n".join(lines))
    return {True: DONE, False: FAILED, None: UNDECIDED}[data["ok"]]  # type: ignore[index]


class _Limited:
    """Says how far a long check is, and ends it when its time is over."""

    SECONDS, BETWEEN = 10.0, 5.0

    def __init__(self, run: Any) -> None:
        self.run, self.notes = run, list[str]()
        self.start = self.said = time.monotonic()

    def __call__(self, done: int, of: int) -> bool:
        now = time.monotonic()
        if now - self.start > self.SECONDS and done:
            self.notes.append(
                tr(
                    "{done} of {of} sampled numbers were checked one by one in "
                    "{seconds:.0f} s; inputs without any together, along one direction",
                    done=done,
                    of=of,
                    seconds=now - self.start,
                )
            )
            return False
        if now - self.said > self.BETWEEN:
            self.said = now
            self.run.say(
                tr("gradtutor: {done} of {of} numbers checked", done=done, of=of)
            )
        return True


#: Tensors without a value that are named one by one.
FEW = 3


def _say_drawn(run: Any, drawn: dict[str, Any]) -> None:
    """Say which inputs got a random value beside those that were given."""
    tensors = [name for name, value in drawn.items() if value.ndim]
    if len(tensors) > FEW:
        run.say(
            tr(
                "gradtutor: {names} and {count} more have no value: random tensors "
                "were drawn; --at {first}=... or --at FILE.npz gives them",
                names=", ".join(tensors[:FEW]),
                count=len(tensors) - FEW,
                first=tensors[0],
            )
        )
        drawn = {name: value for name, value in drawn.items() if not value.ndim}
    for name, value in drawn.items():
        number = f"{float(value):.6g}" if value.ndim == 0 else tr("a random tensor")
        run.say(
            tr(
                "gradtutor: {name} has no value: {number} was drawn; --at {name}=...",
                name=name,
                number=number,
            )
        )


def _verdict(oks: list[bool | None]) -> bool | None:
    return False if False in oks else None if None in oks else True


def _row(row: Any) -> str:
    analytic, numeric = row.analytic + 0.0, row.numeric + 0.0  # -0 is 0
    return row_text(
        row.name, analytic, numeric, row.relative_error, ok=row.ok, note=row.note
    )
