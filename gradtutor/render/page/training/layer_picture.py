"""Which of a network's parameters are layers of neurons, for the picture of wires."""

from __future__ import annotations

import math
from itertools import pairwise

from gradtutor.gates import LEAVES
from gradtutor.graph import (
    Graph,
    inputs,
    operands,
    origin,
    topological_order,
)

#: A wider layer is drawn as a matrix of colours.
WIDEST = 16
SMALLEST_IMAGE = 7


def neuron_layers(graph: Graph) -> list[dict[str, str | None]]:
    """Return weight and bias of each layer, if all are products in a row; else none."""
    layers: list[dict[str, str | None]] = []
    for name in inputs(graph, "parameter"):
        shape, module = graph.nodes[name]["shape"], graph.nodes[name].get("module")
        if graph.nodes[name].get("layer") != "linear":
            return []
        if len(shape) == 2:
            layers.append({"weight": name, "bias": None, "module": module})
        elif layers and layers[-1]["module"] == module:
            layers[-1]["bias"] = name
    weights = [graph.nodes[str(layer["weight"])]["shape"] for layer in layers]
    joined = all(a[1] == b[0] for a, b in pairwise(weights))
    narrow = all(max(shape) <= WIDEST for shape in weights)
    return layers if joined and narrow and _products(graph) == len(layers) else []


def last_layer(graph: Graph) -> dict[str, str] | None:
    """Return the last product with a weight: the weight's name, and its node."""
    names = inputs(graph, "parameter")
    found = [
        {"weight": origin(graph, weight), "node": node}
        for node in topological_order(graph)
        if graph.nodes[node]["gate"] == "matmul"
        for weight in operands(graph, node)[1:]
        if origin(graph, weight) in names
    ]
    return found[-1] if found else None


def image_sides(features: int) -> list[int]:
    """Return rows and columns of a square image; none for fewer than 7 x 7 numbers."""
    side = math.isqrt(features)
    return [side, side] if side * side == features and side >= SMALLEST_IMAGE else []


def _products(graph: Graph) -> int:
    """Count the products with a parameter on the right: X @ W."""
    return sum(
        data["gate"] == "matmul"
        and graph.nodes[origin(graph, operands(graph, node)[1])]["gate"] in LEAVES
        for node, data in graph.nodes(data=True)
    )
