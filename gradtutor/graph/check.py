"""One function that states what every graph promises."""

from __future__ import annotations

import re
from typing import Any

import networkx as nx

from gradtutor.gates import COPY, GATES, LEAVES, ShapeMismatchError
from gradtutor.graph.build import Graph, gate_shape
from gradtutor.graph.forms import GraphError


def check_graph(graph: Graph) -> None:
    """Check every invariant of a computation graph.

    No cycle; each gate is in the table, with its arguments at positions 0, 1, ... and
    the right number of them; only a copy gate feeds more than one wire; every shape
    follows from the arguments' shapes; the output is a node that a person can name.

    Raises
    ------
    GraphError
        Naming the first node that breaks an invariant.
    """
    if not nx.is_directed_acyclic_graph(graph):
        raise GraphError("the graph has a cycle")
    for node in graph:
        _check_node(graph, node)
    output = graph.graph["output"]
    if output not in graph:
        raise GraphError(f"the output {output!r} is not a node")
    gate = graph.nodes[output]["gate"]
    if gate == COPY or (gate == "number" and graph.out_degree(output)):
        raise GraphError(f"the output {output!r} is a {gate} that others read")


def _check_node(graph: Graph, node: str) -> None:
    data = graph.nodes[node]
    gate = data["gate"]
    wired = sorted(
        (position, source) for source, _, position in graph.in_edges(node, keys=True)
    )
    if [position for position, _ in wired] != list(range(len(wired))):
        raise GraphError(f"{node}: argument positions {wired} are not 0, 1, ...")
    if gate != COPY and graph.out_degree(node) > 1:
        raise GraphError(
            f"{node} feeds {graph.out_degree(node)} wires without a copy gate"
        )
    if gate in LEAVES or gate == COPY:
        low = high = int(gate == COPY)
    elif gate in GATES:
        low, high = GATES[gate].arity
    else:
        raise GraphError(f"{node}: there is no gate {gate!r}")
    if not low <= len(wired) <= high:
        raise GraphError(
            f"{node}: {gate} has {len(wired)} arguments, not {low} to {high}"
        )
    for value in data.get("attrs", {}).values():
        if not _is_plain(value):
            raise GraphError(f"{node}: {value!r} is no attribute of a gate")
    _check_shape(graph, node, [source for _, source in wired])


def _is_plain(value: Any) -> bool:
    """Attributes become program text: only numbers, and words such as ``ij->ji``."""
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return re.fullmatch(r"[\w,>. -]*", value) is not None
    return value is None or isinstance(value, int | float)


def _check_shape(graph: Graph, node: str, sources: list[str]) -> None:
    data = graph.nodes[node]
    if data["gate"] in LEAVES:
        return
    shapes = tuple(graph.nodes[source]["shape"] for source in sources)
    try:
        expected = gate_shape(data["gate"], shapes, data["attrs"])
    except ShapeMismatchError as error:
        if data["shape"] is None:  # the values may yet bring shapes that fit
            return
        raise GraphError(f"{node}: {error}") from None
    if data["shape"] != expected:
        raise GraphError(f"{node}: shape {data['shape']} should be {expected}")
