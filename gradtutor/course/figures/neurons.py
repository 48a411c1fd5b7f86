"""A network as circles and edges; what dropout has switched off is dashed.

>>> print(neuron_rows(((3, ()), (2, (1,)))))
 ○    ○
 ○    ⨯
 ○
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

#: A layer: how many neurons it has, and which of them are off, from 0.
Neurons = tuple[int, Sequence[int]]
MOST, MOST_SIGNS = 10, 6  # circles and signs that are drawn of a layer
WIDTH, STEP, RADIUS = 640, 34, 11
BLUE, GREY = "#0550ae", "#b6bec7"


def neuron_rows(layers: Sequence[Neurons], names: Sequence[str] = ()) -> str:
    """Return the layers as columns of signs, for a terminal."""
    columns = [_signs(*layer) for layer in layers]
    height = max(map(len, columns))
    rows = [
        "   ".join(f"{column[n] if n < len(column) else '':>2}" for column in columns)
        for n in range(height)
    ]
    counted = zip(names, layers, strict=False)
    told = [f" {n}  {name} ({one[0]})" for n, (name, one) in enumerate(counted, 1)]
    return "\n".join([row.rstrip() for row in rows] + told)


def _signs(count: int, off: Sequence[int]) -> list[str]:
    return ["⋮" if n is None else "⨯" if n in off else "○"
            for n in _shown(count, MOST_SIGNS)]  # fmt: skip


def _shown(count: int, most: int = MOST) -> list[int | None]:
    """Return which neurons are drawn; None stands for those left out."""
    if count <= most:
        return list(range(count))
    return [*range(most - 2), None, count - 1]


def neuron_svg(
    layers: Sequence[Neurons], names: Sequence[str] = (), title: str = ""
) -> str:
    """Draw circles, and an edge between any two of neighbouring layers that are on."""
    shown = [_shown(count) for count, _ in layers]
    height = STEP * max(map(len, shown)) + 74
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="14">'
    )
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    columns = [_column(k, shown, layers, height) for k in range(len(layers))]
    body = [*_edges(columns), *_circles(columns)]
    for k, (name, (count, _)) in enumerate(zip(names, layers, strict=False)):
        x = _across(k, len(layers))
        style = 'text-anchor="middle" fill="#1f2328"'
        words = f"{escape(name)} ({count})"
        yield_at = f'x="{x:.1f}" y="{height - 14}"'
        body.append(f"<text {yield_at} {style}>{words}</text>")
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", paper, *body, "</svg>\n"]
    )


#: Where a neuron stands, and whether it is on; None where dots stand.
_Spot = tuple[float, float, bool | None]


def _across(k: int, count: int) -> float:
    return 90 + k * (WIDTH - 180) / max(1, count - 1)


def _column(
    k: int,
    shown: Sequence[Sequence[int | None]],
    layers: Sequence[Neurons],
    height: int,
) -> list[_Spot]:
    rows, off = shown[k], layers[k][1]
    top = (height - 44 - STEP * (len(rows) - 1)) / 2
    return [
        (
            _across(k, len(shown)),
            top + STEP * n,
            None if one is None else one not in off,
        )
        for n, one in enumerate(rows)
    ]


def _edges(columns: Sequence[Sequence[_Spot]]) -> Iterator[str]:
    for one, two in pairwise(columns):
        for x0, y0, on in one:
            for x1, y1, on_too in two:
                if on is None or on_too is None:
                    continue
                ink = (BLUE, "0.45", "") if on and on_too else (GREY, "0.3", "2 5")
                dash = f' stroke-dasharray="{ink[2]}"' if ink[2] else ""
                ends = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
                yield f'<line {ends} stroke="{ink[0]}" opacity="{ink[1]}"{dash}/>'


def _circles(columns: Sequence[Sequence[_Spot]]) -> Iterator[str]:
    for column in columns:
        for x, y, on in column:
            if on is None:
                style = 'text-anchor="middle" fill="#1f2328"'
                yield f'<text x="{x:.1f}" y="{y + 5:.1f}" {style}>⋮</text>'
                continue
            ink = f'stroke="{BLUE if on else GREY}" stroke-width="2"'
            dash = "" if on else ' stroke-dasharray="3 3"'
            place = f'cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"'
            yield f'<circle {place} fill="#ffffff" {ink}{dash}/>'
            if not on:
                cross = f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
                yield f'<path d="{cross}" stroke="#c11524" stroke-width="1.8"/>'
