"""Plots in braille, for a terminal.

>>> print(braille(Panel((Curve("x", (0.0, 1.0), (0.0, 1.0)),)), columns=16, rows=6))
   1 ┤     ⡜ 1
 0.8 ┤    ⡜
 0.6 ┤   ⡜
 0.4 ┤  ⡜⠁
 0.2 ┤ ⡜
   0 ┤⡜
     └──────
     0     1
     1 x
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from rich.cells import cell_len, set_cell_size

from gradtutor.course.figures.frame import Curve, Frame, Panel, frame, inside, ticks
from gradtutor.course.figures.frame import told as told_curves

#: The bit of each dot of a braille cell, by column and row from above (Unicode 2800).
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
MARKS = 4  # columns at the right, where the curves' numbers stand


def braille_row(panels: Sequence[Panel], columns: int, rows: int) -> str:
    """Draw panels side by side, or one below the other where that is too narrow."""
    each = (columns + 1) // len(panels) - 1
    if len(panels) == 1 or each < 22:
        return "\n\n".join(braille(one, columns, rows) for one in panels)
    drawn = [braille(one, each, rows).splitlines() for one in panels]
    return "\n".join(
        " ".join(set_cell_size(line, each) for line in lines).rstrip()
        for lines in zip_longest(*drawn, fillvalue="")
    )


def braille(panel: Panel, columns: int = 78, rows: int = 15) -> str:
    """Draw a panel in dots; the number of each curve stands at its right end.

    Returns
    -------
    str
        The frame with its ticks, and a line for each curve's label.
    """
    own = frame(panel)
    curves = [inside(one, own) for one in panel.curves]
    names = _ticks(own, rows)
    margin = max(map(len, names.values())) + 1
    across = columns - margin - 2 - MARKS
    cells = _cells(curves, own, across, rows)
    marks = _marks(curves, own, rows)
    lines = [*_above(panel, margin)]
    for row in range(rows):
        drawn = "".join(cells.get((column, row), " ") for column in range(across))
        line = f"{names.get(row, ''):>{margin}} ┤{drawn} {marks.get(row, '')}"
        lines.append(line.rstrip())
    return "\n".join([*lines, *_below(panel, own, margin, across)])


def _above(panel: Panel, margin: int) -> Iterator[str]:
    if panel.title:
        yield f"{'':>{margin}} {panel.title}"
    if panel.axes[1]:
        yield f"{'':>{margin}} ↑ {panel.axes[1]}"


def _below(panel: Panel, own: Frame, margin: int, across: int) -> Iterator[str]:
    """Yield the lower axis with its ends and name, and the curves' labels."""
    left, right = f"{own.left:g}", f"{own.right:g}"
    yield f"{'':>{margin}} └{'─' * across}"
    gap = across + 1 - len(left) - len(right)
    name = f"{panel.axes[0]} →" if panel.axes[0] else ""
    inner = name if cell_len(name) <= gap - 2 else ""
    pad = gap - cell_len(inner)
    yield f"{'':>{margin}} {left}{'':>{pad - pad // 2}}{inner}{'':>{pad // 2}}{right}"
    if name and not inner:
        yield f"{'':>{margin}} {name}"
    n = 0
    for curve in told_curves(panel.curves):
        n += not curve.mark
        yield f"{'':>{margin}} {curve.mark or n} {curve.label}"


def _cells(
    curves: Sequence[Curve], own: Frame, across: int, rows: int
) -> dict[tuple[int, int], str]:
    """Return the character of each cell: dots of lines, and signs upon them."""
    bits: dict[tuple[int, int], int] = {}
    for curve in curves:
        for x, y in () if curve.mark else _dots(curve, own, 2 * across, 4 * rows):
            key = x // 2, y // 4
            bits[key] = bits.get(key, 0) | DOTS[x % 2][y % 4]
    cells = {key: chr(0x2800 + one) for key, one in bits.items()}
    for curve in curves:
        for point in zip(curve.x, curve.y, strict=True) if curve.mark else ():
            if math.isfinite(point[1]):
                right, down = own.place(*point)
                place = round(right * (across - 1)), round(down * (rows - 1))
                cells[place] = curve.mark
    return cells


def _ticks(own: Frame, rows: int) -> dict[int, str]:
    """Return the text beside each row that has a tick."""
    return {
        round(own.place(own.left, y)[1] * (rows - 1)): text
        for y, text in ticks(own.low, own.high)
    }


def _marks(curves: Sequence[Curve], own: Frame, rows: int) -> dict[int, str]:
    """Return which curves end in each row."""
    marks: dict[int, list[str]] = {}
    lines = [one for one in told_curves(curves) if not one.mark]
    for n, curve in enumerate(lines, 1):
        ends = [y for y in curve.y if math.isfinite(y)][-1:]
        for y in ends:
            row = round(own.place(own.right, y)[1] * (rows - 1))
            marks.setdefault(row, []).append(str(n))
    return {row: ",".join(names) for row, names in marks.items()}


def _dots(
    curve: Curve, own: Frame, across: int, down: int
) -> Iterator[tuple[int, int]]:
    """Yield the dots along a curve, without gaps where it is steep."""
    for one, two in pairwise(zip(curve.x, curve.y, strict=True)):
        if not (math.isfinite(one[1]) and math.isfinite(two[1])):
            continue
        (x0, y0), (x1, y1) = own.place(*one), own.place(*two)
        steps = max(1, math.ceil(max(abs(x1 - x0) * across, abs(y1 - y0) * down)))
        for step in range(steps + 1):
            x, y = (a + (b - a) * step / steps for a, b in ((x0, x1), (y0, y1)))
            yield round(x * (across - 1)), round(y * (down - 1))
