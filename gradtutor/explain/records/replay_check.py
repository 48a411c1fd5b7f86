"""Compare the steps, replayed, with the slope that finite differences find."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtutor.evaluate.comparison import Claim
from gradtutor.evaluate.plan import Plan, float_plan
from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import Array, LabelError, node_values
from gradtutor.evaluate.verdict import Gradient, judge
from gradtutor.evaluate.witness import Witness, gradient_in_digits
from gradtutor.explain.records.derivation import Derivation
from gradtutor.explain.records.replay import replay
from gradtutor.graph import Graph, with_shapes
from gradtutor.language import parse_formula

#: Points that must agree; fewer where a point costs more: tensors, many gates.
POINTS, FEW, LARGE = 8, 2, 300
TRIES = 40
Shapes = tuple[tuple[int, ...], ...]


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
    read: dict[
        Shapes, tuple[Plan, Witness]
    ] = {}  # the steps and the formula, by shapes
    wanted = POINTS if found.is_scalar and len(graph) <= LARGE else FEW
    verdicts: list[bool] = []
    for attempt in range(TRIES):
        point = random_point(graph, 2 * TRIES * seed + attempt)
        shapes = {name: value.shape for name, value in point.items()}
        key = tuple(shapes.values())
        if key not in read:
            steps = float_plan(parse_formula(program, shapes))
            read[key] = steps, Witness(with_shapes(graph, shapes), point)
        try:
            verdict = _compare(*read[key], wrt, point)
        except LabelError:  # labels that are computed, as y - 1
            continue
        verdicts += [] if verdict is None else [verdict]
        if len(verdicts) >= wanted or False in verdicts:
            break
    return False if False in verdicts else True if len(verdicts) >= FEW else None


def _compare(
    steps: Plan, formula: Witness, wrt: str, point: dict[str, Array]
) -> bool | None:
    """Compare the steepest element of the replayed gradient at one point."""
    shape, witness = point[wrt].shape, Witness(formula, point)
    node_values(
        witness.graph, point, [witness.rough.output]
    )  # labels are checked there
    gradient = np.broadcast_to(steps.values(point)[steps.output], shape)
    if not gradient.size or not np.isfinite(gradient).all():
        return None
    index = np.unravel_index(int(np.argmax(abs(gradient))), gradient.shape)
    claim = Claim(wrt, float(gradient[index]))

    def in_digits() -> Any:
        found = gradient_in_digits(steps.graph, steps.output, point)
        return np.broadcast_to(found, shape)[index] if index else found

    return judge(Gradient(claim, witness, wrt, index, in_digits)).ok
