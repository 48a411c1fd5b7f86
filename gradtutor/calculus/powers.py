"""Constant base and exponent of a power, and the adjoint recipes that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from gradtutor.calculus.partials import (
    UNKNOWN,
    Power,
    upstream_times_partial,
)
from gradtutor.calculus.recipe import Recipe, recipe
from gradtutor.graph import (
    Graph,
    node_data,
)


def power_parts(graph: Graph, gate: str, args: Sequence[str]) -> Power:
    """Return a power's constant base and exponent, so that (x²)' is written 2x."""
    if gate != "pow":
        return UNKNOWN
    base, exponent = (node_data(graph, arg) for arg in args)
    return (
        base["value"] if base["gate"] == "number" else None,
        exponent["value"] if exponent["gate"] == "number" else None,
    )


@cache
def adjoint_steps(gate: str, position: int, ties: str, power: Power) -> Recipe:
    """Return the steps of upstream times a partial, made once for each place."""
    return recipe(upstream_times_partial(gate, position, ties, power))
