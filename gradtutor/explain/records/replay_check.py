"""Compare the steps, replayed, with the slope that finite differences find."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradtutor.evaluate.check import compare_at
from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import Array, LabelError, node_values
from gradtutor.explain.records.derivation import Derivation
from gradtutor.explain.records.replay import replay
from gradtutor.graph import Graph, with_shapes
from gradtutor.language import parse_formula

#: Points that must agree; fewer where a point costs more: tensors, many gates.
POINTS, FEW, LARGE = 8, 2, 300
TRIES = 40
#: A step so narrow that it seldom crosses a kink, and the agreement asked of it.
NARROW, NARROW_TOLERANCE = 1e-6, 1e-4


def check_replay(
    found: Derivation, graph: Graph, wrt: str, seed: int = 0
) -> bool | None:
    """Replay at random points and compare with finite differences of the formula.

    Parameters
    ----------
    graph : Graph
        The formula as it was read, its sizes by name.

    Returns
    -------
    bool or None
        None when fewer than two points lie in the domain.
    """
    program = replay(found, wrt)
    wanted = POINTS if found.is_scalar and len(graph) <= LARGE else FEW
    verdicts: list[bool] = []
    for attempt in range(TRIES):
        point = random_point(graph, 2 * TRIES * seed + attempt)
        try:
            verdict = _compare(program, graph, wrt, point)
        except LabelError:  # labels that are computed, as y - 1
            continue
        verdicts += [] if verdict is None else [verdict]
        if len(verdicts) >= wanted or False in verdicts:
            break
    return False if False in verdicts else True if len(verdicts) >= FEW else None


def _compare(
    program: str, graph: Graph, wrt: str, point: dict[str, Array]
) -> bool | None:
    """Compare the steepest element of the replayed gradient at one point."""
    shapes = {name: value.shape for name, value in point.items()}
    steps, sized = parse_formula(program, shapes), with_shapes(graph, shapes)
    gradient = node_values(steps, point)[steps.graph["output"]]
    gradient = np.broadcast_to(gradient, shapes[wrt])
    if not gradient.size or not np.isfinite(gradient).all():
        return None
    index = np.unravel_index(int(np.argmax(abs(gradient))), gradient.shape)
    output, x = _function(sized, point, wrt, index), float(point[wrt][index])
    analytic = float(gradient[index])
    found = compare_at(wrt, analytic, output, x)
    if found.ok is not False:
        return found.ok
    h = NARROW * max(abs(x), 1.0)
    noise = float(np.finfo(float).eps) * abs(output(x)) / h
    slope = (output(x + h) - output(x - h)) / (2 * h)
    tolerance = NARROW_TOLERANCE * max(1.0, abs(analytic))
    if noise > tolerance:  # beside 1e15, the digits of x are lost
        return None
    return bool(abs(slope - analytic) <= max(tolerance, NARROW_TOLERANCE * abs(slope)))


def _function(
    graph: Graph, point: dict[str, Array], wrt: str, index: tuple[np.intp, ...]
) -> Callable[[float], float]:
    """Return the formula, summed, as a function of one element of an input."""

    def output(x: float) -> float:
        moved = np.array(point[wrt])
        moved[index] = x
        values = node_values(graph, {**point, wrt: moved}, [graph.graph["output"]])
        return float(np.sum(values[graph.graph["output"]]))

    return output
