"""How the parameters of a formula begin, where its text does not say.

What is only added begins at 0; a table that is looked up with small normal numbers; all
else as PyTorch's layers do, from U(-k, k) with k = 1/sqrt(inputs).
"""

from __future__ import annotations

import math

from gradtutor.gates import COPY
from gradtutor.graph import Graph, inputs, readers

#: Deviation of a table's rows.
TABLE = 0.1
ADDS = {"add", "sub", "broadcast"}


def with_starts(graph: Graph) -> None:
    """Give every parameter its start, ``normal``, ``uniform`` or ``constant``."""
    for name in inputs(graph, "parameter"):
        data = graph.nodes[name]
        kind = data.get("start") or _usual(graph, name)
        data["start"], data["start_scale"] = _numbers(
            kind, data.get("start_scale"), data["shape"]
        )
        data["fan_in"] = _fans(data["shape"])[0]


def _usual(graph: Graph, name: str) -> str:
    uses = _uses(graph, name)
    if all(gate in ADDS for gate, _ in uses):
        return "zeros"
    if ("gather", 0) in uses:
        return "table"
    return "inputs"


def _uses(graph: Graph, node: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for _, target, position in readers(graph, node):
        gate = graph.nodes[target]["gate"]
        found += _uses(graph, target) if gate == COPY else [(gate, position)]
    return found


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return how many numbers a product with this adds up, and how many it makes."""
    if len(shape) < 2:
        return (math.prod(shape), 1)
    return math.prod(shape[:-1]), shape[-1]


def _numbers(
    kind: str, scale: float | None, shape: tuple[int, ...]
) -> tuple[str, float]:
    """Return the distribution and its size.

    ``glorot`` is U(-k, k), k = sqrt(6/(in + out)) (Glorot and Bengio 2010); ``he``
    normal with deviation sqrt(2/in) (He et al. 2015).
    """
    into, out = _fans(shape)
    match kind:
        case "zeros" | "ones":
            return "constant", float(kind == "ones")
        case "glorot":
            return "uniform", math.sqrt(6 / (into + out))
        case "he":
            return "normal", math.sqrt(2 / into)
        case "table":
            return "normal", TABLE
        case "inputs":
            return "uniform", 1 / math.sqrt(into)
    assert scale is not None, kind
    return kind, scale
