"""Compare the steps, replayed, with the slope that finite differences find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import process_time
from typing import Any

import mpmath
import numpy as np

from gradtutor.evaluate.numeric.comparison import Claim
from gradtutor.evaluate.numeric.direction import along
from gradtutor.evaluate.numeric.verdict import Gradient, judge
from gradtutor.evaluate.numeric.witness import Witness, gradient_in_digits
from gradtutor.evaluate.plan import Plan, float_plan
from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import Array, LabelError, node_values
from gradtutor.explain.records.derivation import Derivation
from gradtutor.explain.records.replay import replayed
from gradtutor.graph import Graph, inputs, with_shapes
from gradtutor.language import parse_formula

#: Points that must agree; fewer where a point costs more: tensors, many gates.
POINTS, FEW, LARGE = 8, 2, 300
#: Gates up to which each input is compared by itself at once.
SMALL = 100
TRIES = 40
#: Of the processor, after which what is left is compared together.
SECONDS = 3.0
Shapes = tuple[tuple[int, ...], ...]


def check_replay(
    found: Derivation, graph: Graph, wrt: str, seed: int = 0
) -> bool | None:
    """Replay one input's steps at random points; see `check_replays`."""
    return _Replayed(found, graph, seed).verdict(wrt)


def check_replays(
    found: Derivation, graph: Graph, seed: int = 0
) -> dict[str, bool | None]:
    """Replay at random points and compare with finite differences of the formula.

    Parameters
    ----------
    graph : Graph
        The formula as it was read, its sizes by name.

    Returns
    -------
    dict
        By input a bool, or None when fewer than two points lie in the domain. Those
        of a large graph, and after some seconds those that are left, are compared
        together, along a direction.
    """
    replayed_ = _Replayed(found, graph, seed)
    verdicts: dict[str, bool | None] = {}
    late = process_time() + (SECONDS if len(graph) <= SMALL else 0.0)
    for place, name in enumerate(found.wrt):
        left = found.wrt[place:]
        if process_time() > late and len(left) > 1:
            late = float("inf")
            if replayed_.together(left):
                return verdicts | dict.fromkeys(left, True)
        verdicts[name] = replayed_.verdict(name)
    return verdicts


class _Replayed:
    """The steps for all inputs as one program, run at each random point once."""

    def __init__(self, found: Derivation, graph: Graph, seed: int) -> None:
        self.graph, self.seed = graph, seed
        lines, self.gradients = replayed(found)
        wanted = {self.gradients.get(name, "0") for name in found.wrt}
        moving = sorted(text for text in wanted if text.isidentifier())
        prefix = _fresh("result", "\n".join(lines))
        #: The line of each gradient: ``dx = q`` makes no node of its own.
        self.results = {text: f"{prefix}{i}" for i, text in enumerate(moving)}
        last = [f"{name} = {text} + 0" for text, name in self.results.items()]
        self.program = "\n".join([*lines, *last]) if last else "0"
        self.points = POINTS if found.is_scalar and len(graph) <= LARGE else FEW
        self._read: dict[Shapes, tuple[Plan, Witness]] = {}
        self._at: dict[int, _Point | None] = {}

    def verdict(self, wrt: str) -> bool | None:
        """Judge one input's gradient at point after point."""
        verdicts: list[bool] = []
        for attempt in range(TRIES):
            point = self._point(attempt)
            verdict = None if point is None else self._compare(point, wrt)
            verdicts += [] if verdict is None else [verdict]
            if len(verdicts) >= self.points or False in verdicts:
                break
        return False if False in verdicts else True if len(verdicts) >= FEW else None

    def together(self, names: Sequence[str]) -> bool:
        """Whether the slope along a direction through all of these inputs agrees."""
        agreed = 0
        for attempt in range(TRIES):
            point = self._point(attempt)
            if point is None:
                continue
            gradients = {name: self._gradient(point, name) for name in names}
            if not all(np.isfinite(one).all() for one in gradients.values()):
                continue
            if along(point.witness, gradients) is None:
                return False
            agreed += 1
            if agreed == FEW:
                return True
        return False

    def _gradient(self, at: _Point, wrt: str) -> Array:
        """Return one input's replayed gradient, in the input's shape."""
        text = self.gradients.get(wrt, "0")
        result, shape = self.results.get(text), at.witness.point[wrt].shape
        value = float(text.strip("()")) if result is None else at.values[result]
        return np.broadcast_to(value, shape)

    def _point(self, attempt: int) -> _Point | None:
        if attempt not in self._at:
            point = random_point(self.graph, 2 * TRIES * self.seed + attempt)
            try:
                self._at[attempt] = self._run(point)
            except LabelError:  # labels that are computed, as y - 1
                self._at[attempt] = None
        return self._at[attempt]

    def _run(self, point: dict[str, Array]) -> _Point:
        shapes = {name: value.shape for name, value in point.items()}
        key = tuple(shapes.values())
        if key not in self._read:
            steps = parse_formula(self.program, shapes)
            plan = float_plan(steps, list(self.results.values()) or None)
            self._read[key] = plan, Witness(with_shapes(self.graph, shapes), point)
        plan, like = self._read[key]
        witness = Witness(like, point)
        node_values(witness.graph, point, [witness.rough.output])  # checks labels
        point = point | _stated(plan.graph)
        return _Point(plan, witness, point, plan.values(point))

    def _compare(self, at: _Point, wrt: str) -> bool | None:
        """Compare the steepest element of the replayed gradient at one point."""
        gradient = self._gradient(at, wrt)
        shape, result = gradient.shape, self.results.get(self.gradients.get(wrt, "0"))
        if not gradient.size or not np.isfinite(gradient).all():
            return None
        index = np.unravel_index(int(np.argmax(abs(gradient))), gradient.shape)
        claim = Claim(wrt, float(gradient[index]))

        def in_digits() -> Any:
            if result is None:
                return mpmath.mpf(float(gradient[index]))
            found = gradient_in_digits(at.plan.graph, result, at.point)
            return np.broadcast_to(found, shape)[index] if index else found

        return judge(Gradient(claim, at.witness, wrt, index, in_digits)).ok


@dataclass(frozen=True)
class _Point:
    """The steps' values at a point, and who can say what they should be."""

    plan: Plan
    witness: Witness
    point: dict[str, Array]
    values: dict[str, Any]


def _stated(steps: Graph) -> dict[str, Array]:
    """Return the values of lines that are plain numbers, t1 = -inf: inputs for us."""
    given = ((name, steps.nodes[name].get("value")) for name in inputs(steps))
    return {name: np.asarray(x, float) for name, x in given if x is not None}


def _fresh(stem: str, text: str) -> str:
    """Return a name that no name in a text begins with."""
    while stem in text:
        stem += "_"
    return stem
