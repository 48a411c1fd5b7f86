"""The loss as a landscape over two weights: lines of equal height, paths of descent.

>>> ground = landscape("a**2 + 4*b**2", {"a": (-2, 2), "b": (-1, 1)})
>>> len(ground) == LEVELS and not any(curve.label for curve in ground)
True
>>> path = descent("a**2 + 4*b**2", {"a": 2.0, "b": 1.0}, rate=0.1, steps=1)
>>> [(round(x, 6), round(y, 6)) for x, y in zip(path.x, path.y)]
[(2.0, 1.0), (1.6, 0.2)]
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from gradtutor.circuit import parse
from gradtutor.course.figures.frame import Curve
from gradtutor.equality.evaluation import evaluate, read_expression
from gradtutor.evaluate import run
from gradtutor.evaluate.values import Array

LEVELS = 9
POINTS = 61  # along each side


def landscape(
    formula: str, over: Mapping[str, tuple[float, float]]
) -> tuple[Curve, ...]:
    """Return lines of equal height, without labels.

    Parameters
    ----------
    over : mapping
        An interval for each of the two variables: across, then upward.
    """
    x, y, heights = ground(formula, over, POINTS)
    low, high = float(heights.min()), float(heights.max())
    shares = (np.arange(1, LEVELS + 1) / (LEVELS + 1)) ** 2  # close where it is flat
    return tuple(_line(x, y, heights, low + s * (high - low)) for s in shares)


def ground(
    formula: str, over: Mapping[str, tuple[float, float]], points: int
) -> tuple[Array, Array, Array]:
    """Return places across, places upward, and the loss there (upward, across)."""
    (first, across), (second, up) = over.items()
    x, y = np.linspace(*across, points), np.linspace(*up, points)
    grid = {first: np.tile(x, points), second: np.repeat(y, points)}
    flat = evaluate(read_expression(formula, list(over)), grid)
    return x, y, flat.reshape(points, points)


def descent(
    formula: str,
    start: Mapping[str, float],
    rate: float,
    steps: int,
    momentum: float = 0.0,
    label: str = "",
) -> Curve:
    """Return the path of gradient descent, with momentum as PyTorch has it."""
    path = descended(formula, start, rate, steps, momentum)
    x, y = ([float(one[i]) for one in path] for i in (0, 1))
    return Curve(label, x, y, dotted=True)


def descended(
    formula: str,
    start: Mapping[str, float],
    rate: float,
    steps: int,
    momentum: float = 0.0,
) -> list[Array]:
    """Return the places of gradient descent, the start first, a number a variable."""
    names, graph = list(start), parse(formula).graph
    place, velocity = np.array([start[name] for name in names]), np.zeros(len(names))
    path = [place]
    for _ in range(steps):
        point = dict(zip(names, map(np.asarray, place), strict=True))
        slopes = run(graph, point).node_gradients
        velocity = momentum * velocity + np.array([float(slopes[n]) for n in names])
        place = place - rate * velocity
        path.append(place)
    return path


def within(path: Curve, over: Mapping[str, tuple[float, float]]) -> Curve:
    """Return the part of a path before it has left the picture."""
    (left, right), (low, high) = over.values()
    x, y = np.array(path.x), np.array(path.y)
    inside = (x >= left) & (x <= right) & (y >= low) & (y <= high)
    count = len(x) if inside.all() else int(np.argmin(inside))
    return Curve(path.label, path.x[:count], path.y[:count], path.dotted)


# ---- lines of equal height: marching squares ----


def _line(x: Array, y: Array, heights: Array, level: float) -> Curve:
    """Return all pieces of one line, with a gap behind each."""
    xs: list[float] = []
    ys: list[float] = []
    for i in range(len(y) - 1):
        for j in range(len(x) - 1):
            for (x0, y0), (x1, y1) in _pieces(x, y, heights, level, i, j):
                xs += [x0, x1, x1]
                ys += [y0, y1, math.nan]
    return Curve("", xs, ys)


def _pieces(
    x: Array, y: Array, heights: Array, level: float, i: int, j: int
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the pieces of a line inside one cell: between points on its sides."""
    corners = ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))
    found = []
    for one, other in zip(corners, (*corners[1:], corners[0]), strict=True):
        a, b = float(heights[one]) - level, float(heights[other]) - level
        if (a < 0) != (b < 0):
            share = a / (a - b)
            (row, column), (row2, column2) = one, other
            across = float(x[column] + share * (x[column2] - x[column]))
            found.append((across, float(y[row] + share * (y[row2] - y[row]))))
    for k in range(0, len(found) - 1, 2):
        yield found[k], found[k + 1]
