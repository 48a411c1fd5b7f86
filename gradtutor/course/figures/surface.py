"""The loss as a landscape in three dimensions, with paths of descent upon it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from gradtutor.course.figures.frame import Curve, Frame, Panel
from gradtutor.course.figures.plot_svg import COLOURS

CELLS = 30  # along each side
WIDTH, HEIGHT, SCALE = 640, 440, 340
#: Turn about the upright axis, and how far the eye looks down.
TURN, TILT = math.radians(-52), math.radians(32)
SHADES = ("#0b3a67", "#1b6a8c", "#3a9e8f", "#9bcf7a", "#f3e27a")
LIFT = 0.012  # of a path above the ground


@dataclass(frozen=True)
class Surface:
    """Heights over a grid; x from the left, y from the front, in their own units.

    Attributes
    ----------
    heights : ndarray, (rows of y, columns of x)
    paths : sequence of Curve
        Their x and y are places on the ground.
    names : tuple of str
        Of both weights and of the loss.
    """

    x: np.ndarray
    y: np.ndarray
    heights: np.ndarray
    paths: Sequence[Curve]
    names: tuple[str, str, str]

    def seen(self, x: Any, y: Any, z: Any) -> tuple[float, float, float]:
        """Return a point as the eye sees it: right, up, and how far away."""
        a = (x - self.x[0]) / (self.x[-1] - self.x[0]) - 0.5
        b = (y - self.y[0]) / (self.y[-1] - self.y[0]) - 0.5
        low, high = float(self.heights.min()), float(self.heights.max())
        c = 0.62 * ((z - low) / ((high - low) or 1) - 0.5)
        across = a * math.cos(TURN) - b * math.sin(TURN)
        away = a * math.sin(TURN) + b * math.cos(TURN)
        return across, c * math.cos(TILT) + away * math.sin(TILT), away

    def height(self, x: float, y: float) -> float:
        """Return the height of the ground, between the points of the grid."""
        i = float(np.interp(y, self.y, np.arange(len(self.y))))
        j = float(np.interp(x, self.x, np.arange(len(self.x))))
        p, q = min(int(i), len(self.y) - 2), min(int(j), len(self.x) - 2)
        (a, b), (c, d) = self.heights[p : p + 2, q : q + 2]
        s, t = i - p, j - q
        return float((1 - s) * ((1 - t) * a + t * b) + s * ((1 - t) * c + t * d))

    def track(self, path: Curve) -> Curve:
        """Return a path as the eye sees it, a little above the ground."""
        points = [
            self.seen(x, y, self.height(x, y))
            for x, y in zip(path.x, path.y, strict=True)
        ]
        right, up = [p[0] for p in points], [p[1] + LIFT for p in points]
        return Curve(path.label, right, up, dotted=True)


def lines(surface: Surface) -> Panel:
    """Return the surface for a terminal: its rows, without what is hidden."""
    horizon: dict[int, float] = {}
    curves = []
    order = sorted(
        range(0, len(surface.y), 3),
        key=lambda i: surface.seen(surface.x[0], surface.y[i], 0)[2],
    )
    for i in order:
        points = [
            surface.seen(x, surface.y[i], z)
            for x, z in zip(surface.x, surface.heights[i], strict=True)
        ]
        ups = []
        for right, up, _ in points:
            column = round(right * 60)
            is_seen = up >= horizon.get(column, -math.inf)
            horizon[column] = max(up, horizon.get(column, -math.inf))
            ups.append(up if is_seen else math.nan)
        curves.append(Curve("", [p[0] for p in points], ups))
    paths = [surface.track(one) for one in surface.paths]
    return Panel([*curves, *paths], limits=Frame(-0.75, 0.75, -0.65, 0.65))


def surface_svg(surface: Surface, title: str) -> str:
    """Draw the surface as SVG: cells from back to front, coloured by their height."""
    size = HEIGHT + 22 * len(surface.paths)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {size}" '
        'font-family="sans-serif" font-size="14">'
    )
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    body = [*_cells(surface), *_paths(surface), *_names(surface)]
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", paper, *body, "</svg>\n"]
    )


def _at(right: float, up: float) -> tuple[float, float]:
    return WIDTH / 2 + right * SCALE, HEIGHT / 2 - up * SCALE


def _cells(surface: Surface) -> Iterator[str]:
    x, y, z = surface.x, surface.y, surface.heights
    low, high = float(z.min()), float(z.max())
    found = []
    for i in range(len(y) - 1):
        for j in range(len(x) - 1):
            ring = ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))
            seen = [surface.seen(x[c], y[r], z[r, c]) for r, c in ring]
            level = (float(np.mean([z[r, c] for r, c in ring])) - low) / (high - low)
            found.append((-sum(p[2] for p in seen), seen, level))
    for _, seen, level in sorted(found, key=lambda one: one[0]):
        dots = " ".join("{:.1f},{:.1f}".format(*_at(p[0], p[1])) for p in seen)
        ink = f'fill="{_shade(level)}" stroke="#ffffff" stroke-width="0.4"'
        yield f'<polygon points="{dots}" {ink}/>'


def _shade(level: float) -> str:
    """Return a colour between two of the scale."""
    place = level * (len(SHADES) - 1)
    k = min(int(place), len(SHADES) - 2)
    share = place - k
    one, two = ([int(s[n : n + 2], 16) for n in (1, 3, 5)] for s in SHADES[k : k + 2])
    mixed = (round(a + (b - a) * share) for a, b in zip(one, two, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _paths(surface: Surface) -> Iterator[str]:
    for n, path in enumerate(surface.paths):
        colour = COLOURS[(n + 1) % 5]
        track = surface.track(path)
        dots = [_at(a, b) for a, b in zip(track.x, track.y, strict=True)]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in dots)
        yield (
            f'<polyline points="{line}" fill="none" stroke="{colour}" '
            'stroke-width="2.5"/>'
        )
        for a, b in dots:
            yield (
                f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.2" fill="{colour}" '
                'stroke="#ffffff" stroke-width="0.8"/>'
            )
        y = HEIGHT + 22 * n - 4
        ends = f'x1="52" x2="88" y1="{y}" y2="{y}"'
        yield f'<line {ends} stroke="{colour}" stroke-width="3"/>'
        yield f'<text x="98" y="{y + 5}" fill="#1f2328">{escape(path.label)}</text>'


def _names(surface: Surface) -> Iterator[str]:
    """Yield the axes: along the front edges, and upward at the left."""
    x, y, z = surface.x, surface.y, surface.heights
    low, high = float(z.min()), float(z.max())
    ends: Mapping[str, tuple[tuple[float, float, float], tuple[float, float, float]]]
    ends = {
        surface.names[0]: ((x[0], y[0], low), (x[-1], y[0], low)),
        surface.names[1]: ((x[-1], y[0], low), (x[-1], y[-1], low)),
        surface.names[2]: ((x[0], y[0], low), (x[0], y[0], high)),
    }
    for name, (one, two) in ends.items():
        (x0, y0), (x1, y1) = (_at(*surface.seen(*p)[:2]) for p in (one, two))
        yield (
            f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" '
            'stroke="#59636e"/>'
        )
        a, b = (x0 + x1) / 2, (y0 + y1) / 2
        out = 18 if a > WIDTH / 2 else -18
        yield (
            f'<text x="{a + out:.1f}" y="{b + 14:.1f}" text-anchor="middle" '
            f'fill="#1f2328" font-style="italic">{escape(name)}</text>'
        )
