"""Whether a text has the values of a graph's node, at random points."""

from __future__ import annotations

import numpy as np

from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import LabelError, node_values
from gradtutor.graph import Graph, ShapeError, inputs, with_shapes
from gradtutor.language.errors import SourceError
from gradtutor.language.formula import parse_formula

#: Points that must agree, and how many are drawn.
POINTS, TRIES = 3, 12
#: Relative to the largest of the values.
ALLOWED = 1e-7


def same_values(graph: Graph, node: str, text: str) -> bool:
    """Compare a text in the inputs alone with a node, where both have values.

    >>> from gradtutor.language import parse
    >>> graph = parse("x*(x + 1)")
    >>> same_values(graph, graph.graph["output"], "x**2 + x")
    True
    """
    agreed = 0
    for seed in range(TRIES):
        verdict = _at(graph, node, text, seed)
        if verdict is False:
            return False
        agreed += bool(verdict)
        if agreed == POINTS:
            return True
    return False


def _at(graph: Graph, node: str, text: str, seed: int) -> bool | None:
    point = random_point(graph, seed)
    shapes = {name: value.shape for name, value in point.items()}
    try:
        ours = node_values(with_shapes(graph, shapes), point, [node])[node]
        read = parse_formula(text, shapes)
        known = {name: point[name] for name in inputs(read)}
        theirs = node_values(read, known)[read.graph["output"]]
    except (ShapeError, SourceError, LabelError, KeyError):
        return None
    if np.broadcast_shapes(ours.shape, theirs.shape) != ours.shape:
        return False
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return None
    scale = 1 + np.max(np.abs(ours), initial=0)
    return bool((np.abs(ours - theirs) <= ALLOWED * scale).all())
