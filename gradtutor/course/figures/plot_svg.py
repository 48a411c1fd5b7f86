"""Plots as SVG: panels side by side, each with its axes, curves, points and classes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from gradtutor.course.figures.frame import (
    Curve,
    Frame,
    Panel,
    Shade,
    frame,
    inside,
    ticks,
    told,
)

COLOURS = ("#0550ae", "#bc4c00", "#116329", "#8250df", "#c11524")
PALE = ("#cfe2f7", "#f9dcc4", "#cdeed5", "#e6dafb", "#f8d3d6")
#: Signs of points: those of a class have its colour.
CLASS_MARKS = "ox+"
GROUND = "#8c959f"
DASHES = ("", "8 4", "2 4", "10 3 2 3", "4 4")
HEIGHT, MARGIN, LEGEND = 360, 52, 22


@dataclass(frozen=True)
class _Place:
    """Where a panel lies in the picture: from the left, and how wide."""

    left: float
    wide: float
    own: Frame
    top: float = MARGIN / 2

    def point(self, x: float, y: float) -> tuple[float, float]:
        across, down = self.own.place(x, y)
        return (
            self.left + MARGIN + across * (self.wide - 2 * MARGIN),
            self.top + down * (HEIGHT - 1.5 * MARGIN),
        )


def svg(panels: Sequence[Panel], title: str = "") -> str:
    """Draw panels side by side; each curve has a colour and dashes of its own."""
    wide = 640 if len(panels) == 1 else 360
    legend = max(len(told(one.curves)) for one in panels)
    body: list[str] = []
    for n, panel in enumerate(panels):
        body += _panel(panel, _Place(n * wide, wide, frame(panel)))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide * len(panels)} '
        f'{HEIGHT + LEGEND * (legend + 1)}" font-family="sans-serif" font-size="14">'
    )
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", paper, *body, "</svg>\n"]
    )


def _panel(panel: Panel, place: _Place) -> Iterator[str]:
    if panel.shade:
        yield from _areas(panel.shade, place)
    yield from _axes(place)
    yield from _titles(panel, place)
    for curve in panel.curves:
        if not curve.label:
            yield from _points(curve, place, 1) if curve.mark else _line(curve, place)
    n = 0
    for at, curve in enumerate(told(panel.curves)):
        yield from _points(curve, place, n) if curve.mark else _line(curve, place, n)
        yield _legend(curve, n, at, place)
        n += not curve.mark


def _titles(panel: Panel, place: _Place) -> Iterator[str]:
    """Yield the names of a panel and of its axes."""
    middle, style = place.left + place.wide / 2, 'text-anchor="middle" fill="#1f2328"'
    if panel.title:
        bold = f'{style} font-weight="bold"'
        yield f'<text x="{middle}" y="17" {bold}>{escape(panel.title)}</text>'
    if panel.axes[0]:
        at = f'x="{middle}" y="{HEIGHT - 2}"'
        yield f"<text {at} {style}>{escape(panel.axes[0])}</text>"
    if panel.axes[1]:
        x, y = place.left + 13, place.top + (HEIGHT - 1.5 * MARGIN) / 2
        turn = f'transform="rotate(-90 {x} {y})"'
        yield f'<text x="{x}" y="{y}" {turn} {style}>{escape(panel.axes[1])}</text>'


def _line(curve: Curve, place: _Place, n: int | None = None) -> Iterator[str]:
    """Draw the n-th curve, or one below the others, and its points."""
    colour, wide = (GROUND, 1) if n is None else (COLOURS[n % 5], 2)
    look = f'fill="none" stroke="{colour}" stroke-width="{wide}"'
    dashes = f' stroke-dasharray="{DASHES[n % 5]}"' if n and n % 5 else ""
    held = inside(curve, place.own)
    for x, y in zip(held.x, held.y, strict=True) if curve.dotted else ():
        if math.isfinite(y):
            across, down = place.point(x, y)
            yield f'<circle cx="{across:.2f}" cy="{down:.2f}" r="3.5" fill="{colour}"/>'
    run: list[str] = []
    for x, y in [*zip(held.x, held.y, strict=True), (math.nan, math.nan)]:
        if math.isfinite(y):
            run.append("{:.2f},{:.2f}".format(*place.point(x, y)))
        elif run:
            yield f'<polyline points="{" ".join(run)}" {look}{dashes}/>'
            run = []


def _points(curve: Curve, place: _Place, n: int) -> Iterator[str]:
    for x, y in zip(curve.x, curve.y, strict=True):
        if place.own.holds(x, y):
            yield _sign(curve.mark, *place.point(x, y), n)


def _sign(mark: str, x: float, y: float, n: int) -> str:
    """Return one point: a disc, a cross, a plus, or a star of what is asked about."""
    at = CLASS_MARKS.find(mark) if n == 0 else -1
    colour = COLOURS[at if at >= 0 else n % 5]
    ink = f'stroke="{colour}" stroke-width="2" fill="none"'
    if mark == "x":
        path = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"
    elif mark == "+":
        path = f"M{x - 5:.1f} {y:.1f}h10m-5 -5v10"
    elif mark == "*":
        ink = 'fill="#ffd33d" stroke="#1f2328" stroke-width="1.2"'
        turns = [(math.pi * k / 5, 9 if k % 2 == 0 else 4) for k in range(10)]
        dots = [
            f"{x + r * math.sin(a):.1f} {y - r * math.cos(a):.1f}" for a, r in turns
        ]
        path = f"M{'L'.join(dots)}Z"
    else:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    return f'<path d="{path}" {ink}/>'


def _areas(shade: Shade, place: _Place) -> Iterator[str]:
    """Yield a stripe for each run of cells of one class."""
    own, rows = place.own, len(shade.classes)
    for i, row in enumerate(shade.classes):
        y0, y1 = (own.low + (own.high - own.low) * k / rows for k in (i, i + 1))
        start = 0
        for kind, run in groupby(row):
            end = start + len(list(run))
            x0, x1 = (
                own.left + (own.right - own.left) * k / len(row) for k in (start, end)
            )
            (left, below), (right, above) = place.point(x0, y0), place.point(x1, y1)
            size = f'width="{right - left:.1f}" height="{below - above + 0.3:.1f}"'
            at = f'x="{left:.1f}" y="{above:.1f}"'
            yield f'<rect {at} {size} fill="{PALE[kind % 5]}"/>'
            start = end


def _axes(place: _Place) -> Iterator[str]:
    own = place.own
    for y, text in ticks(own.low, own.high):
        (left, level), (right, _) = place.point(own.left, y), place.point(own.right, y)
        grid = f'x1="{left:.2f}" x2="{right:.2f}" y1="{level:.2f}" y2="{level:.2f}"'
        yield f'<line {grid} stroke="#d1d9e0"/>'
        at = f'x="{left - 6:.2f}" y="{level + 5:.2f}" text-anchor="end"'
        yield f'<text {at} fill="#59636e">{text}</text>'
    for x, text in ticks(own.left, own.right):
        across, below = place.point(x, own.low)
        at = f'x="{across:.2f}" y="{below + 20:.2f}" text-anchor="middle"'
        yield f'<text {at} fill="#59636e">{text}</text>'


def _legend(curve: Curve, n: int, at: int, place: _Place) -> str:
    x, y = place.left + MARGIN, HEIGHT + LEGEND * (at + 1) + 4
    dashes = f' stroke-dasharray="{DASHES[n % 5]}"' if n % 5 else ""
    line = f'x1="{x}" x2="{x + 36}" y1="{y}" y2="{y}"'
    stroke = f'<line {line} stroke="{COLOURS[n % 5]}" stroke-width="2"{dashes}/>'
    sign = _sign(curve.mark, x + 18, y, n) if curve.mark else stroke
    words = escape(curve.label)
    return f'{sign}<text x="{x + 46}" y="{y + 5}" fill="#1f2328">{words}</text>'
