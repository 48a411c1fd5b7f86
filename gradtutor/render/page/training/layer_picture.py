"""Which of a network's parameters are layers of neurons, for the picture of wires."""

from __future__ import annotations

from itertools import pairwise

from gradtutor.gates import LEAVES
from gradtutor.graph import Graph, inputs, operands, origin

#: A wider layer is drawn as a matrix of colours.
WIDEST = 16


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


def _products(graph: Graph) -> int:
    """Count the products with a parameter on the right: X @ W."""
    return sum(
        data["gate"] == "matmul"
        and graph.nodes[origin(graph, operands(graph, node)[1])]["gate"] in LEAVES
        for node, data in graph.nodes(data=True)
    )
