"""The values and derivatives of a derivation at points, random or given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradtutor.audit.paper.expected import differentiated
from gradtutor.audit.paper.lines import Array, Derivation
from gradtutor.audit.paper.records import Numbers
from gradtutor.evaluate import node_values, run
from gradtutor.evaluate.point import random_point
from gradtutor.graph import inputs

POINTS = 20
TRIES = 80


def random_numbers(derivation: Derivation, seed: int) -> list[Numbers]:
    """Return values and derivatives at random points where all are finite."""
    if not derivation.definitions:
        return []
    found = []
    for attempt in range(TRIES):
        point = random_point(derivation.graph(), 2 * TRIES * seed + attempt)
        arrays = {n: v for n, v in constants(derivation).items() if v.shape}
        numbers = numbers_at(derivation, {**point, **arrays})
        if all(
            np.isfinite(v).all()
            for v in (*numbers.values.values(), *numbers.derivatives.values())
        ):
            found.append(numbers)
        if len(found) == POINTS:
            break
    return found


def constants(derivation: Derivation) -> dict[str, Array]:
    """Return the inputs with a value that nothing is differentiated by."""
    by = {name for line in derivation.lines for name in (line.claim or ())[1:]}
    names = inputs(derivation.graph())
    return {n: v for n, v in derivation.values.items() if n in names and n not in by}


def numbers_given(derivation: Derivation) -> Numbers | None:
    """Return the numbers at the point that the derivation itself gives."""
    if not derivation.definitions:
        return None
    names = inputs(derivation.graph())
    if not all(name in derivation.values for name in names):
        return None
    point = {name: np.asarray(derivation.values[name]) for name in names}
    return numbers_at(derivation, point)


def numbers_at(derivation: Derivation, point: Mapping[str, Array]) -> Numbers:
    """Compute every value, and the derivative of every defined one by all before it."""
    values = dict(point)
    derivatives: dict[tuple[str, ...], Array] = {}
    for line in derivation.definitions:
        trace = run(derivation.graph(line.name), point)
        values[line.name] = trace.values[trace.output]
        for name in [*point, *(one.name for one in derivation.definitions)]:
            if name in trace.node_gradients:
                derivatives[line.name, name] = trace.node_gradients[name]
        for name in point:
            derivatives.setdefault((line.name, name), np.zeros_like(point[name]))
        derivatives[line.name, line.name] = np.ones_like(values[line.name])
    claims = {line.claim for line in derivation.lines if line.claim}
    second = {c: _second(derivation, c, point) for c in claims if len(c) > 2}
    return Numbers(values, derivatives, second)


def _second(
    derivation: Derivation, claim: tuple[str, ...], point: Mapping[str, Array]
) -> Array:
    """Return a second derivative: the gradient of the graph of the first one."""
    graph, node = differentiated(derivation, claim)
    if graph is None:
        return np.zeros(())
    names = {n: point[n] for n in inputs(graph) if n in point}
    return np.asarray(node_values(graph, names)[node])
