"""Is a derivative's text right? Its values against finite differences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradtutor.evaluate.check import Comparison, compare_at
from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import Array, LabelError, node_values
from gradtutor.graph import Graph, ShapeError, inputs, with_shapes
from gradtutor.language.errors import SourceError
from gradtutor.language.formula import parse_formula

POINTS = 20  # points that must agree
TRIES = 80


def verify_derivative(
    graph: Graph, wrt: str, derivative: str, seed: int = 0
) -> bool | None:
    """Compare a derivative's text with finite differences at 20 random points.

    Parameters
    ----------
    graph : Graph
        The formula, whose output is differentiated.
    derivative : str
        In the same language; read back by the parser.

    Returns
    -------
    bool or None
        None when fewer than three points lie in the domain.
    """
    if wrt not in inputs(graph):
        return _vanishes(derivative, seed)
    compared: list[Comparison] = []
    for attempt in range(TRIES):
        point = random_point(graph, 2 * TRIES * seed + attempt)
        try:
            rows = _compare(graph, wrt, derivative, point)
        except LabelError:  # labels that are computed, as y - 1
            continue
        compared += [row for row in rows if row.ok is not None]
        if len(compared) >= POINTS:
            break
    if any(row.ok is False for row in compared):
        return False
    return True if len(compared) >= 3 else None


def _vanishes(derivative: str, seed: int) -> bool | None:
    """Whether a derivative by an input that the formula lacks is 0, as it must be."""
    try:
        parsed = parse_formula(derivative)
        values = node_values(parsed, random_point(parsed, seed))
    except (ShapeError, SourceError):
        return None
    return not np.any(values[parsed.graph["output"]])


def _compare(
    graph: Graph, wrt: str, derivative: str, point: Mapping[str, Array]
) -> list[Comparison]:
    """Compare one random element of the derivative at one point."""
    shapes = {name: value.shape for name, value in point.items()}
    try:
        parsed = with_shapes(parse_formula(derivative, shapes), {})
        sized = with_shapes(graph, shapes)
    except (ShapeError, SourceError):
        return []
    analytic = node_values(parsed, {name: point[name] for name in inputs(parsed)})
    values = np.broadcast_to(analytic[parsed.graph["output"]], shapes[wrt])
    pick = (
        np.random.default_rng(values.size).integers(values.size) if values.size else 0
    )
    index = np.unravel_index(int(pick), values.shape) if values.shape else ()

    def output(x: float) -> float:
        moved = np.array(point[wrt])
        moved[index] = x
        found = node_values(sized, {**point, wrt: moved}, [sized.graph["output"]])
        return float(np.sum(found[sized.graph["output"]]))

    return [compare_at(wrt, float(values[index]), output, float(point[wrt][index]))]
