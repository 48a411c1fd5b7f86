"""Where the layout program puts a drawing: boxes and the curves of wires, in points.

The same layout that makes the SVG, so that other formats share its positions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from gradtutor.render.drawing import POINTS
from gradtutor.render.engines import layout

PIECES = 12  # lines in place of one piece of a curve
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """The middle and the size of a box or a label; y goes up."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Curve:
    """A Bézier curve: a start, then three points for each piece, then an arrow's tip.

    ``tip`` is None where a line ends without an arrow.
    """

    points: tuple[Point, ...]
    tip: Point | None

    def flat(self) -> list[Point]:
        """Return points along the curve, its arrow's tip last."""
        found = [self.points[0]]
        for n in range(1, len(self.points), 3):
            found += _piece(found[-1], *self.points[n : n + 3])
        return [*found, self.tip] if self.tip else found


@dataclass(frozen=True)
class Positions:
    """A drawing that was laid out.

    Attributes
    ----------
    places : mapping
        By the id of a box, or of the wire whose label stands there.
    curves : mapping
        By what they join: a box and a wire's label, or the label and a box.
    frames : mapping
        By the id of a frame.
    """

    width: float
    height: float
    places: Mapping[str, Place]
    curves: Mapping[tuple[str, str], Curve]
    frames: Mapping[str, Place]


def positions(dot: str) -> Positions:
    """Lay DOT text out and read the positions.

    Raises
    ------
    gradtutor.render.MissingEngineError, gradtutor.render.LayoutError
        When there is no layout program, or it fails.
    """
    data = json.loads(layout(dot, "json"))
    nodes = [one for one in data["objects"] if "pos" in one]
    names = {one["_gvid"]: one["name"] for one in nodes}
    _, _, width, height = _numbers(data["bb"])
    curves = {
        (names[edge["tail"]], names[edge["head"]]): _curve(edge["pos"])
        for edge in data.get("edges", ())
    }
    places = {one["name"]: _place(one) for one in nodes}
    frames = {
        one["name"].removeprefix("cluster_"): _around(_numbers(one["bb"]))
        for one in data["objects"]
        if one.get("class") == "frame"
    }
    return Positions(width, height, places, curves, frames)


def _place(node: Mapping[str, Any]) -> Place:
    x, y = _numbers(node["pos"])
    return Place(x, y, float(node["width"]) * POINTS, float(node["height"]) * POINTS)


def _around(corners: Sequence[float]) -> Place:
    left, low, right, high = corners
    return Place((left + right) / 2, (low + high) / 2, right - left, high - low)


def _curve(text: str) -> Curve:
    """Read ``e,94,95 70,108 77,108 84,104 89,100``."""
    tip: Point | None = None
    points: list[Point] = []
    for word in text.split():
        if word.startswith("e,"):
            tip = _point(word[2:])
        elif not word.startswith("s,"):
            points.append(_point(word))
    return Curve(tuple(points), tip)


def _piece(a: Point, b: Point, c: Point, d: Point) -> list[Point]:
    """Return points on a cubic Bézier curve, its start left out."""
    found = []
    for step in range(1, PIECES + 1):
        t = step / PIECES
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        pairs = list(zip(weights, (a, b, c, d), strict=True))
        found.append((sum(w * p[0] for w, p in pairs), sum(w * p[1] for w, p in pairs)))
    return found


def _point(text: str) -> Point:
    x, y = _numbers(text)
    return x, y


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]
