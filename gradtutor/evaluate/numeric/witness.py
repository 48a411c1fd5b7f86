"""What two independent witnesses say about the slopes of a graph at a point.

The first is finite differences in float64, of the gates' NumPy text; the second the
slopes left and right of the point in up to a thousand digits, of the gates' formulas.
Neither uses a derivative. Nothing is computed before it is asked for.

Anything that judges a gradient of a graph can use it, the audit of a person's gradient
as well: ``Witness(graph, point).sides("W", (0, 2))``.

>>> from gradtutor.language import parse
>>> witness = Witness(parse("x - 1e15"), {"x": 1.0})
>>> witness.estimate("x").is_sure, witness.sides("x").slope
(False, 1.0)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
from numpy.typing import ArrayLike

from gradtutor.evaluate.numeric.differences import (
    Estimate,
    estimate,
    points_at_once,
)
from gradtutor.evaluate.numeric.slopes import LEVELS, Sides, confirmed, sides
from gradtutor.evaluate.plan import Plan, float_plan, is_pointwise
from gradtutor.evaluate.precise import precise, precise_plan
from gradtutor.graph import Graph, node_gate, node_shape, operands

Index = tuple[Any, ...]
#: Operations in many digits that one point may cost, and one of its slopes.
BUDGET, LARGEST = 3_000_000, 600_000
#: Operations of one evaluation beyond which the first level of digits must do.
LENGTHY = 2000
#: Inputs that are moved in one evaluation of a formula of numbers.
TOGETHER = 16
#: Digits for the formula of a gradient: its sums may cancel.
DIGITS = 400


class Witness:
    """The slopes of a graph's output, summed, at one point.

    Parameters
    ----------
    graph : Graph or Witness
        Its shapes are those of the values. A witness lends its plans to another point.
    point : mapping from str to array_like
        A value for every input.
    """

    def __init__(self, graph: Graph | Witness, point: Mapping[str, ArrayLike]) -> None:
        if isinstance(graph, Witness):
            self.rough, self.fine = graph.rough, graph.fine
            self.graph: Graph = graph.graph
        else:
            self.graph = graph
        self.point = {name: np.asarray(x, np.float64) for name, x in point.items()}
        self.spent = 0
        self._bases: dict[int, dict[str, Any]] = {}
        self._moved: dict[str, Any] = {}  # the output, as one input after another moves

    @cached_property
    def rough(self) -> Plan:
        """The graph in float64."""
        return float_plan(self.graph)

    @cached_property
    def fine(self) -> Plan:
        """The graph in mpmath's digits."""
        return precise_plan(self.graph)

    @cached_property
    def values(self) -> dict[str, Any]:
        """The float64 value of every node at the point."""
        return self.rough.values(self.point)

    @property
    def value(self) -> float:
        """The output there, summed."""
        return float(np.sum(self.values[self.rough.output]))

    def at(self, given: Mapping[str, Any]) -> float:
        """Return the output, summed, where some inputs have other values.

        What a gate stops stays as it is at the point.
        """
        moved = self.rough.moved_all(self.values, given)
        return float(np.sum(moved))

    # ---- float64 ----

    def estimate(self, name: str, index: Index = ()) -> Estimate:
        """Estimate a slope by finite differences."""
        at_once = self._takes_arrays
        points = self._batch(name) if at_once else self._one_by_one(name, index)
        tensor = self.point[name]
        scale = float(np.mean(abs(tensor))) if tensor.ndim else 0.0
        return estimate(points, float(tensor[index]), scale, at_once=at_once)

    @cached_property
    def _takes_arrays(self) -> bool:
        return is_pointwise(self.graph)

    def _batch(self, name: str) -> Callable[[Any], Any]:
        def many(xs: Any) -> Any:
            if len(xs) == 1:  # the point itself
                return np.broadcast_to(self.values[self.rough.output], xs.shape)
            if name not in self._neighbours:
                return np.broadcast_to(
                    self.rough.moved(self.values, name, xs), xs.shape
                )
            if name not in self._moved:
                self._moved |= self._moved_together(name)
            return self._moved[name]

        return many

    def _moved_together(self, name: str) -> dict[str, Any]:
        """Return the output at all steps of an input, and of those beside it.

        A row of an array is an input that moves, while the others stay.
        """
        names = [one for one in self._neighbours[name] if one not in self._moved]
        xs = {one: points_at_once(float(self.point[one])) for one in names}
        given = {}
        for row, one in enumerate(names):
            given[one] = np.full((len(names), xs[one].size), self.point[one])
            given[one][row] = xs[one]
        found = self.rough.moved_all(self.values, given)
        return dict(zip(names, np.broadcast_to(found, given[name].shape), strict=True))

    @cached_property
    def _neighbours(self) -> dict[str, list[str]]:
        """For each input, those that are moved with it: they share most gates."""
        names = [
            one for one, x in self.point.items() if one in self.graph and not x.ndim
        ]
        groups = [names[i : i + TOGETHER] for i in range(0, len(names), TOGETHER)]
        return {name: group for group in groups for name in group}

    def _one_by_one(self, name: str, index: Index) -> Callable[[Any], Any]:
        def each(xs: Any) -> Any:
            moved = self.point[name].copy()
            found = []
            for x in xs:
                moved[index] = x
                found.append(np.sum(self.rough.moved(self.values, name, moved)))
            return found

        return each

    # ---- many digits ----

    def sides(
        self, name: str, index: Index = (), levels: int = len(LEVELS)
    ) -> Sides | None:
        """Find the slopes on both sides; None where that would take too long."""
        if not self._affords(name):
            return None
        if self.point[name].ndim and self._cost(name) > LENGTHY:
            levels = 1
        x = float(self.point[name][index])
        return sides(self._precise(name, index), x, self._size, levels)

    def confirmed(self, name: str, index: Index = ()) -> Sides:
        """Find them by the most digits, at two levels that must agree."""
        self.spent += 20 * self._cost(name)
        x = float(self.point[name][index])
        return confirmed(self._precise(name, index), x, self._size)

    @cached_property
    def _size(self) -> Any:
        """The largest number of the evaluation at the point."""
        with mpmath.workdps(LEVELS[0][1]):
            base = self._base()
            flat = (abs(x) for value in base.values() for x in np.ravel(value))
            return max((x for x in flat if mpmath.isfinite(x)), default=mpmath.mpf(1))

    def _cost(self, name: str) -> int:
        """Count the operations of one evaluation."""
        return sum(_work(self.graph, line.node) for line in self.fine.cone(name))

    def _affords(self, name: str) -> bool:
        cost = 5 * self._cost(name)
        if cost > LARGEST or self.spent + cost > BUDGET:
            return False
        self.spent += cost
        return True

    def _precise(self, name: str, index: Index) -> Callable[[Any], Any]:
        """Return the output as a function of one number, in the digits of the day."""
        tensor = precise(self.point[name]) if index else None

        def output(x: Any) -> Any:
            base, moved = self._base(), x
            if tensor is not None:
                moved = tensor.copy()
                moved[index] = x
            return np.sum(self.fine.moved(base, name, moved))

        return output

    def _base(self) -> dict[str, Any]:
        digits = mpmath.mp.dps
        if digits not in self._bases:
            self._bases[digits] = self.fine.values(self.point)
        return self._bases[digits]


def _work(graph: Graph, node: str) -> int:
    """Count a gate's operations, roughly: its elements, times what each one sums."""
    shapes = [node_shape(graph, arg) for arg in operands(graph, node)]
    every: list[Any] = [node_shape(graph, node), *shapes]
    sizes = [math.prod(shape or ()) for shape in every]
    gate = node_gate(graph, node)
    if gate in ("matmul", "einsum", "conv", "conv_transpose"):
        return int(math.prod(sizes) ** 0.5) + 1
    return max(sizes)


def gradient_in_digits(graph: Graph, node: str, point: Mapping[str, ArrayLike]) -> Any:
    """Evaluate a gradient's own gates, or formula, in many digits."""
    with mpmath.workdps(DIGITS):
        plan = precise_plan(graph, [node])
        return plan.values({name: np.asarray(x) for name, x in point.items()})[node]
