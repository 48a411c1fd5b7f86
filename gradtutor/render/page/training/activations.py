"""A network with another activation in its hidden layers: same weights."""

from __future__ import annotations

from gradtutor.gates import LEAVES
from gradtutor.graph import (
    Graph,
    add_number,
    arguments,
    copied,
    dependents,
    inputs,
    operands,
    origin,
    topological_order,
)
from gradtutor.messages import mark

#: What a page offers, and what it is called.
ACTIVATIONS = {
    "relu": "ReLU",
    "leaky_relu": mark("leaky ReLU (slope 0.01)"),
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "identity": mark("none"),
}
LEAKY_SLOPE = 0.01


def hidden_activations(graph: Graph) -> list[str]:
    """Return the activations that a layer with weights follows, in order."""
    products = [
        node
        for node in topological_order(graph)
        if graph.nodes[node]["gate"] == "matmul" and _has_weight(graph, node)
    ]
    offered = [node for node in graph if graph.nodes[node]["gate"] in ACTIVATIONS]
    after = {node: dependents(graph, [node]) for node in offered}
    return [
        node
        for node in topological_order(graph)
        if node in after and any(product in after[node] for product in products)
    ]


def _has_weight(graph: Graph, node: str) -> bool:
    names = inputs(graph, "parameter")
    return any(origin(graph, arg) in names for arg in operands(graph, node))


def activation_of(graph: Graph) -> str:
    """Return the activation of all hidden layers; empty if they differ or have none."""
    hidden = hidden_activations(graph)
    found = {_kind(graph, node) for node in hidden}
    return found.pop() if len(found) == 1 else ""


def _kind(graph: Graph, node: str) -> str:
    """Return a gate's name; a leaky ReLU of another slope is none that is offered."""
    gate = str(graph.nodes[node]["gate"])
    if gate != "leaky_relu":
        return gate
    slope = graph.nodes[operands(graph, node)[1]].get("value")
    return gate if slope == LEAKY_SLOPE else ""


def with_activation(graph: Graph, name: str) -> Graph:
    """Return the network with this activation in each hidden layer."""
    made = copied(graph)
    for node in hidden_activations(graph):
        _drop_slope(made, node)
        made.nodes[node]["gate"] = name
        if name == "identity":
            _bypass(made, node)
        elif name == "leaky_relu":
            slope = add_number(made, LEAKY_SLOPE)
            made.add_edge(slope, node, 1)
    return made


def _drop_slope(graph: Graph, node: str) -> None:
    for extra in arguments(graph, node)[1:]:
        graph.remove_edge(extra, node, 1)
        if graph.nodes[extra]["gate"] in LEAVES and not graph.out_degree(extra):
            graph.remove_node(extra)


def _bypass(graph: Graph, node: str) -> None:
    """Let what a gate reads go where the gate went."""
    (source,) = arguments(graph, node)
    for _, reader, position in list(graph.out_edges(node, keys=True)):
        graph.add_edge(source, reader, position)
    graph.remove_node(node)
