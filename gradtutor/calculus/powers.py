"""Constant base and exponent of a power."""

from __future__ import annotations

from collections.abc import Sequence

from gradtutor.calculus.partials import UNKNOWN, Power
from gradtutor.graph import Graph, node_data


def power_parts(graph: Graph, gate: str, args: Sequence[str]) -> Power:
    """Return a power's constant base and exponent, so that (x²)' is written 2x."""
    if gate != "pow":
        return UNKNOWN
    base, exponent = (node_data(graph, arg) for arg in args)
    return (
        base["value"] if base["gate"] == "number" else None,
        exponent["value"] if exponent["gate"] == "number" else None,
    )
