"""Curves of one variable: in braille for a terminal, and as SVG.

>>> print(braille([Curve("x", (0.0, 1.0), (0.0, 1.0))], columns=16, rows=6))
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
from dataclasses import dataclass
from html import escape
from itertools import pairwise

#: The bit of each dot of a braille cell, by column and row from above (Unicode 2800).
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
COLOURS = ("#0550ae", "#bc4c00", "#116329", "#8250df", "#c11524")
GROUND = "#8c959f"
DASHES = ("", "8 4", "2 4", "10 3 2 3", "4 4")


@dataclass(frozen=True)
class Curve:
    """A curve; where y is not finite it has a gap.

    Attributes
    ----------
    label : str
        Empty: a thin line that others are drawn upon.
    dotted : bool
        Whether its points stand out: the steps of a path.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    dotted: bool = False


@dataclass(frozen=True)
class Frame:
    """The part of the plane that is drawn."""

    left: float
    right: float
    low: float
    high: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return a point as shares of the width and, from above, of the height."""
        across = (x - self.left) / (self.right - self.left)
        return across, 1 - (y - self.low) / (self.high - self.low)


def frame(curves: Sequence[Curve]) -> Frame:
    """Return the frame around all finite points, its limits round numbers."""
    finite = [y for curve in curves for y in curve.y if math.isfinite(y)] or [0.0]
    low, high = min(finite), max(finite)
    if high - low < 1e-12 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    step = nice_step(high - low)
    slack = 1e-6 * step  # what rounding has put beyond a tick
    low = math.floor((low + slack) / step) * step
    high = math.ceil((high - slack) / step) * step
    xs = [x for curve in curves for x in curve.x]
    return Frame(min(xs), max(xs), low, high)


def nice_step(span: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten: three to seven fill the span.

    >>> nice_step(1.0), nice_step(7.3), nice_step(0.06)
    (0.2, 2.0, 0.01)
    """
    power = 10.0 ** math.floor(math.log10(span / 3))
    for factor in (1, 2, 5, 10):
        if span / (factor * power) <= 6:
            break
    return float(f"{factor * power:.3g}")


def ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Return the ticks of an axis with their texts.

    >>> ticks(0, 1)[:3]
    [(0.0, '0'), (0.2, '0.2'), (0.4, '0.4')]
    """
    step = nice_step(high - low)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [float(f"{n * step:.6g}") for n in range(first, last + 1)]
    return [(value, f"{value:g}") for value in values]


# ---- braille ----

MARKS = 4  # columns at the right, where the curves' numbers stand


def braille(curves: Sequence[Curve], columns: int = 78, rows: int = 15) -> str:
    """Draw curves in dots; the number of each stands at its right end.

    Returns
    -------
    str
        The frame with its ticks, and a line for each curve's label.
    """
    own = frame(curves)
    names = _ticks(own, rows)
    margin = max(map(len, names.values())) + 1
    across = columns - margin - 2 - MARKS
    cells: dict[tuple[int, int], int] = {}
    for curve in curves:
        for x, y in _dots(curve, own, 2 * across, 4 * rows):
            key = x // 2, y // 4
            cells[key] = cells.get(key, 0) | DOTS[x % 2][y % 4]
    marks = _marks(curves, own, rows)
    lines = []
    for row in range(rows):
        drawn = "".join(_cell(cells.get((column, row), 0)) for column in range(across))
        line = f"{names.get(row, ''):>{margin}} ┤{drawn} {marks.get(row, '')}"
        lines.append(line.rstrip())
    left, right = f"{own.left:g}", f"{own.right:g}"
    lines.append(f"{'':>{margin}} └{'─' * across}")
    gap = across + 1 - len(left) - len(right)
    lines.append(f"{'':>{margin}} {left}{'':>{gap}}{right}")
    lines += [f"{'':>{margin}} {n} {c.label}" for n, c in enumerate(_told(curves), 1)]
    return "\n".join(lines)


def _ticks(own: Frame, rows: int) -> dict[int, str]:
    """Return the text beside each row that has a tick."""
    return {
        round(own.place(own.left, y)[1] * (rows - 1)): text
        for y, text in ticks(own.low, own.high)
    }


def _marks(curves: Sequence[Curve], own: Frame, rows: int) -> dict[int, str]:
    """Return which curves end in each row."""
    marks: dict[int, list[str]] = {}
    for n, curve in enumerate(_told(curves), 1):
        ends = [y for y in curve.y if math.isfinite(y)][-1:]
        for y in ends:
            row = round(own.place(own.right, y)[1] * (rows - 1))
            marks.setdefault(row, []).append(str(n))
    return {row: ",".join(names) for row, names in marks.items()}


def _told(curves: Sequence[Curve]) -> list[Curve]:
    """Return the curves that have a label."""
    return [curve for curve in curves if curve.label]


def _cell(bits: int) -> str:
    return chr(0x2800 + bits) if bits else " "


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


# ---- SVG ----

WIDTH, HEIGHT, MARGIN = 640, 360, 52


def svg(curves: Sequence[Curve], title: str = "") -> str:
    """Draw curves as SVG, each with a colour and dashes of its own."""
    own = frame(curves)
    told = _told(curves)
    body = [*_axes(own)]
    for curve in curves:
        body += () if curve.label else _line(curve, own, None)
    for n, curve in enumerate(told):
        body += _line(curve, own, n)
        body.append(_legend(curve.label, n))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} '
        f'{HEIGHT + 22 * len(told)}" font-family="sans-serif" font-size="14">'
    )
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", paper, *body, "</svg>\n"]
    )


def _point(own: Frame, x: float, y: float) -> tuple[float, float]:
    across, down = own.place(x, y)
    return (
        MARGIN + across * (WIDTH - 2 * MARGIN),
        MARGIN / 2 + down * (HEIGHT - 1.5 * MARGIN),
    )


def _line(curve: Curve, own: Frame, n: int | None) -> Iterator[str]:
    """Draw the n-th curve, or one below the others, and its points."""
    colour, wide = (GROUND, 1) if n is None else (COLOURS[n % 5], 2)
    look = f'fill="none" stroke="{colour}" stroke-width="{wide}"'
    dashes = f' stroke-dasharray="{DASHES[n % 5]}"' if n and n % 5 else ""
    for x, y in zip(curve.x, curve.y, strict=True) if curve.dotted else ():
        across, down = _point(own, x, y)
        yield f'<circle cx="{across:.2f}" cy="{down:.2f}" r="3.5" fill="{colour}"/>'
    run: list[str] = []
    for x, y in [*zip(curve.x, curve.y, strict=True), (math.nan, math.nan)]:
        if math.isfinite(y):
            run.append("{:.2f},{:.2f}".format(*_point(own, x, y)))
        elif run:
            yield f'<polyline points="{" ".join(run)}" {look}{dashes}/>'
            run = []


def _axes(own: Frame) -> Iterator[str]:
    for y, text in ticks(own.low, own.high):
        (left, level), (right, _) = _point(own, own.left, y), _point(own, own.right, y)
        grid = f'x1="{left:.2f}" x2="{right:.2f}" y1="{level:.2f}" y2="{level:.2f}"'
        yield f'<line {grid} stroke="#d1d9e0"/>'
        place = f'x="{left - 6:.2f}" y="{level + 5:.2f}" text-anchor="end"'
        yield f'<text {place} fill="#59636e">{text}</text>'
    for x, text in ticks(own.left, own.right):
        across, below = _point(own, x, own.low)
        place = f'x="{across:.2f}" y="{below + 20:.2f}" text-anchor="middle"'
        yield f'<text {place} fill="#59636e">{text}</text>'


def _legend(label: str, n: int) -> str:
    y = HEIGHT + 22 * n + 4
    dashes = f' stroke-dasharray="{DASHES[n % 5]}"' if n % 5 else ""
    line = f'x1="{MARGIN}" x2="{MARGIN + 36}" y1="{y}" y2="{y}"'
    return (
        f'<line {line} stroke="{COLOURS[n % 5]}" stroke-width="2"{dashes}/>'
        f'<text x="{MARGIN + 46}" y="{y + 5}" fill="#1f2328">{escape(label)}</text>'
    )
