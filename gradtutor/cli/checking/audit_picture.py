"""The picture of an audit: a person's forward, the wrong gradient marked; a page."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.audit.program.pairs import Pair
    from gradtutor.audit.program.source import Program
    from gradtutor.audit.report import Report
    from gradtutor.audit.request import Request
    from gradtutor.audit.sketch import Sketch, Variable
    from gradtutor.render.drawing import Drawing, DrawnBox, Form, Label

LONGEST = 40  # characters of a statement in a box
PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 64em;
  padding: 0 1em; color: #1a1a1a; background: #fff }}
pre {{ background: #f5f5f5; padding: .8em 1em; overflow-x: auto; border-radius: 4px }}
figure {{ margin: 1em 0; overflow-x: auto }} figure svg {{ max-width: none }}
mark {{ background: #ffd9d6 }} table {{ border-collapse: collapse; margin: 1em 0 }}
th, td {{ padding: .2em .8em; text-align: right; vertical-align: top;
  font-variant-numeric: tabular-nums }}
td pre {{ margin: 0; text-align: right }} th {{ border-bottom: 1px solid #999 }}
</style></head><body>
<h1>{title}</h1>
{body}
</body></html>
"""


def write_audit(
    path: Path,
    program: Program,
    pair: Pair,
    request: Request,
    report: Report,
    text: str,
) -> list[str]:
    """Write the circuit of a person's forward to a picture, or a page with the report.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    ProgramError, PictureError, OSError
        When forward cannot be drawn, the format is unknown, the file not written.
    """
    from gradtutor.audit.sketch import sketch
    from gradtutor.render.picture import picture_bytes, write_bytes, write_picture
    from gradtutor.render.style import Style

    found = sketch(program, pair, request, report)
    drawing = drawn(found)
    if path.suffix.lower() != ".html":
        return write_picture(path, drawing, Style())
    svg = picture_bytes(drawing, Style(), "svg").decode()
    title = f"{Path(program.path).name}: {pair.title}"
    page = audit_page(title, program, report, text, svg[svg.index("<svg") :], found)
    write_bytes(path, page.encode())
    return []


def drawn(found: Sketch) -> Drawing:
    """Return the drawing: a box for each statement, value and gradient on the wires."""
    from gradtutor.render.drawing import Drawing, DrawnWire

    boxes = [_box(found, i) for i in range(len(found.variables))]
    wires = []
    for i, variable in enumerate(found.variables):
        for k, source in enumerate(variable.sources):
            of = found.variables[source]
            value, gradient = _labels(of, wrong=source == found.wrong)
            name = f"v{source}_v{i}_{k}"
            wires.append(DrawnWire(name, f"v{source}", f"v{i}", value, gradient))
    return Drawing("LR", tuple(boxes), tuple(wires))


def _box(found: Sketch, place: int) -> DrawnBox:
    from gradtutor.render.drawing import DrawnBox, Line
    from gradtutor.render.style import elided

    variable = found.variables[place]
    lines = [Line(variable.name, "name")]
    given = variable.text in ("", variable.name) or not variable.sources
    if not given:
        lines.append(Line(elided(variable.text, LONGEST), "caption"))
    wrong = place == found.wrong
    if wrong:
        lines.append(Line(tr("its gradient is wrong"), "alarm"))
    form: Form = "bare" if given and not wrong else "caption"
    return DrawnBox(f"v{place}", form, tuple(lines), alarm=wrong)


def _labels(variable: Variable, *, wrong: bool) -> tuple[Label, Label]:
    from dataclasses import replace

    from gradtutor.render.labels import value_label
    from gradtutor.render.style import Style

    value = value_label("", variable.value, Style())
    gradient = value_label("", variable.gradient, Style())
    if wrong:
        gradient = replace(gradient, title=tr("yours is wrong; right is"))
    return value, gradient


# ---- the page ----


def audit_page(
    title: str, program: Program, report: Report, text: str, svg: str, found: Sketch
) -> str:
    """Return the page: report, both values of the wrong line, circuit, file."""
    from gradtutor.messages import language

    parts = [f"<pre>{html.escape(text)}</pre>"]
    if found.theirs is not None and found.right is not None and report.place:
        parts += _side_by_side(report, found)
    parts += [
        f"<h2>{tr('What forward computes')}</h2>",
        f"<p>{tr('Above a wire stands its value, below it the right gradient.')}</p>",
        f"<figure>{svg}</figure>",
        f"<h2>{tr('Your file')}</h2>",
        _listing(program, report),
    ]
    return PAGE.format(lang=language(), title=html.escape(title), body="\n".join(parts))


def _side_by_side(report: Report, found: Sketch) -> list[str]:
    line = html.escape(report.place.text if report.place else "")
    heads = (tr("yours"), tr("right"))
    cells = "".join(
        f"<td><pre>{html.escape(_numbers(array))}</pre></td>"
        for array in (found.theirs, found.right)
    )
    row = "".join(f"<th>{head}</th>" for head in heads)
    return [
        f"<h2>{tr('The first wrong line, at a small point')}</h2>",
        f"<pre><mark>{line}</mark></pre>",
        f"<table><tr>{row}</tr><tr>{cells}</tr></table>",
    ]


def _numbers(array: object) -> str:
    import numpy as np

    return np.array2string(np.asarray(array), precision=4, suppress_small=True)


def _listing(program: Program, report: Report) -> str:
    """Return the file with its first wrong line marked."""
    at = report.place.line if report.place and report.ok is False else 0
    lines = []
    for number, line in enumerate(program.text.splitlines(), 1):
        shown = f"{number:>4}  {html.escape(line)}"
        lines.append(f"<mark>{shown}</mark>" if number == at else shown)
    return "<pre>" + "\n".join(lines) + "</pre>"
