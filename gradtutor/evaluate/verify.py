"""Is a derivative's text right? Its values against slopes found numerically."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtutor.evaluate.numeric.comparison import Claim, Comparison
from gradtutor.evaluate.numeric.verdict import Gradient, judge
from gradtutor.evaluate.numeric.witness import Witness, gradient_in_digits
from gradtutor.evaluate.plan import Plan, float_plan
from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import Array, LabelError, node_values
from gradtutor.graph import Graph, ShapeError, inputs, with_shapes
from gradtutor.language.errors import SourceError
from gradtutor.language.formula import parse_formula

#: Points that must agree; fewer of a formula with many inputs, three at least.
POINTS, FEWEST, MANY = 20, 3, 400
TRIES = 80
#: The value of an input that the formula lacks, as x after x/x is 1.
UNUSED = np.array(1.25)
Shapes = tuple[tuple[int, ...], ...]


def verify_derivative(
    graph: Graph, wrt: str, derivative: str, seed: int = 0
) -> bool | None:
    """Compare a derivative's text with the formula's slopes at 20 random points.

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
    return Verifier(graph, seed).verify(wrt, derivative)


class Verifier:
    """A formula, at the points where any of its derivatives is compared with it."""

    def __init__(self, graph: Graph, seed: int = 0) -> None:
        self.graph, self.seed = graph, seed
        self.names = inputs(graph)
        self.wanted = max(FEWEST, min(POINTS, MANY // max(1, len(self.names))))
        self._witnesses: dict[int, Witness | None] = {}
        self._sized: dict[Shapes, Witness | None] = {}

    def verify(self, wrt: str, derivative: str) -> bool | None:
        """Compare one derivative's text; None where too few points can tell."""
        if wrt not in self.names:
            return _vanishes(derivative, self.seed)
        text, compared = _Text(derivative), list[Comparison]()
        for attempt in range(TRIES):
            witness = self._witness(attempt)
            row = witness and text.compared(witness, wrt)
            compared += [row] if row and row.ok is not None else []
            if len(compared) >= self.wanted or any(row.ok is False for row in compared):
                break
        if any(row.ok is False for row in compared):
            return False
        return True if len(compared) >= FEWEST else None

    def _witness(self, attempt: int) -> Witness | None:
        """Return the formula at one random point; None where it has no value."""
        if attempt not in self._witnesses:
            point = random_point(self.graph, 2 * TRIES * self.seed + attempt)
            self._witnesses[attempt] = self._at(point)
        return self._witnesses[attempt]

    def _at(self, point: Mapping[str, Array]) -> Witness | None:
        key = tuple(value.shape for value in point.values())
        if key not in self._sized:
            self._sized[key] = self._with_shapes(point)
        like = self._sized[key]
        if like is None:
            return None
        try:  # labels that are computed, as y - 1, may be none
            node_values(like.graph, point, [like.rough.output])
        except LabelError:
            return None
        return Witness(like, point)

    def _with_shapes(self, point: Mapping[str, Array]) -> Witness | None:
        shapes = {name: value.shape for name, value in point.items()}
        try:
            return Witness(with_shapes(self.graph, shapes), point)
        except ShapeError:
            return None


class _Text:
    """A derivative's text, read once for each set of shapes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[Shapes, Plan | None] = {}

    def plan(self, shapes: Mapping[str, tuple[int, ...]]) -> Plan | None:
        """Return it ready to run; None where the shapes do not fit."""
        key = tuple(shapes.values())
        if key not in self._read:
            try:
                graph = with_shapes(parse_formula(self.text, shapes), {})
                self._read[key] = float_plan(graph)
            except (ShapeError, SourceError):
                self._read[key] = None
        return self._read[key]

    def compared(self, witness: Witness, wrt: str) -> Comparison | None:
        """Compare one random element of the derivative at the witness's point."""
        point = witness.point
        plan = self.plan({name: value.shape for name, value in point.items()})
        if plan is None:
            return None
        free = dict.fromkeys(inputs(plan.graph), UNUSED)  # what the formula cancels
        point = {**free, **point}
        shape = point[wrt].shape
        values = np.broadcast_to(plan.values(point)[plan.output], shape)
        if not values.size or not np.isfinite(witness.value):
            return None
        pick = np.random.default_rng(values.size).integers(values.size)
        index = np.unravel_index(int(pick), shape) if shape else ()

        def in_digits() -> Any:
            found = gradient_in_digits(plan.graph, plan.output, point)
            return np.broadcast_to(found, shape)[index] if index else found

        claim = Claim(wrt, float(values[index]))
        return judge(Gradient(claim, witness, wrt, index, in_digits))


def _vanishes(derivative: str, seed: int) -> bool | None:
    """Whether a derivative by an input that the formula lacks is 0, as it must be."""
    try:
        parsed = parse_formula(derivative)
        values = node_values(parsed, random_point(parsed, seed))
    except (ShapeError, SourceError):
        return None
    found = values[parsed.graph["output"]]
    return not np.any(found) if np.isfinite(found).all() else None
