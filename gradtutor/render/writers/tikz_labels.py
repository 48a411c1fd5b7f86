"""The numbers on a wire as LaTeX: a number, an array, a map of colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradtutor.render.drawing import Label
from gradtutor.render.dressing.names import in_lines
from gradtutor.render.heat import Heat, tint
from gradtutor.render.style import Colours
from gradtutor.render.writers.tikz_text import italic, mathematics, plain

#: TeX points for a point of the SVG, whose letters are 14 points high.
SCALE = 0.72


def label_text(label: Label, colours: Colours, *, slanted: bool = False) -> str:
    """Return a value or a gradient as LaTeX; a tensor as an array of numbers."""
    if label.hidden:
        return ""
    if label.heat is not None:
        return _heat_text(label.head, label.heat, colours, slanted=slanted)
    set_ = italic if slanted else mathematics
    if not label.shape:
        return in_rows(label.head, set_)
    head = rf"\scriptsize {set_(label.head)}"
    if not label.rows:
        return rf"{head}\\\scriptsize {set_(label.number)}"
    cells = r" \\ ".join(
        " & ".join(set_(one).strip("$") for one in row) for row in label.rows
    )
    columns = "r" * len(label.rows[0])
    return rf"{head}\\$\begin{{array}}{{@{{}}{columns}@{{}}}}{cells}\end{{array}}$"


def _heat_text(head: str, heat: Heat, colours: Colours, *, slanted: bool) -> str:
    """Return a map of colours as LaTeX, with its shape above and its legend below."""
    set_ = italic if slanted else mathematics
    cells = _cells(heat.cells, heat.cell, heat, colours)
    low, high = (rf"\scriptsize {set_(one)}" for one in (heat.low, heat.high))
    legend = f"{low} {_cells((heat.legend,), 6.0, heat, colours)} {high}"
    return rf"\scriptsize {set_(head)}\\{cells}\\{legend}"


def _cells(
    rows: Sequence[Sequence[float | None]], side: float, heat: Heat, colours: Colours
) -> str:
    """Return rows of coloured squares, from the top."""
    squares = []
    for i, row in enumerate(rows):
        for j, share in enumerate(row):
            if share is not None:
                name, full = tint(share, heat, colours)
                colour = f"{name}!{round(100 * full)}!paper"
                squares.append(rf"\fill[{colour}] ({j},{-i}) rectangle +(1,-1);")
    size = f"{SCALE * side:g}bp"
    frame = rf"\draw[faint] (0,0) rectangle ({len(rows[0])},{-len(rows)});"
    return rf"\tikz[x={size}, y={size}]{{{''.join(squares)}{frame}}}"


def in_rows(text: str, written: Callable[[str], str]) -> str:
    """Break a text with a long name."""
    lines = in_lines(text)
    if len(lines) == 1:
        return written(text)
    parts = (plain(one) if one.isidentifier() else written(one) for one in lines)
    return r"\\".join(parts)
