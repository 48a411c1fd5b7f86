"""Wires that end a little before their numbers' rule, drawn on into it.

The layout program finds a label's edge to within a point, which leaves a white gap in a
PNG; an SVG's wires have round ends instead.
"""

from __future__ import annotations

import re

#: A laid out wire in DOT: its ends, and its curve.
WIRE = re.compile(r'(\S+) -> (\S+)(\s*\[[^\[\]]*?pos=")([^"]*)"')
REACH = 1.3  # points
#: Where a wire goes on at the side of a label that it comes to, or leaves.
ON = {":w": (REACH, 0.0), ":n": (0.0, -REACH)}
BACK = {":e": (-REACH, 0.0), ":s": (0.0, REACH)}


def joined(dot: str) -> str:
    """Return DOT that was laid out, its wires drawn on into their labels' rules."""
    return WIRE.sub(_joined, dot.replace("\\\n", ""))


def _joined(found: re.Match[str]) -> str:
    points = found[4].split()
    place = next(k for k, one in enumerate(points) if one[0] not in "es")
    for side, step in BACK.items():
        if found[1].endswith(side):
            points[place] = _moved(points[place], step)
    for side, step in ON.items():
        if found[2].endswith(side):
            points[-1] = _moved(points[-1], step)
    return f'{found[1]} -> {found[2]}{found[3]}{" ".join(points)}"'


def _moved(point: str, step: tuple[float, float]) -> str:
    x, y = map(float, point.split(","))
    return f"{x + step[0]:.2f},{y + step[1]:.2f}"
