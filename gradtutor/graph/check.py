"""One function that states what every graph promises."""

from __future__ import annotations

import re
from typing import Any

import networkx as nx

from gradtutor.gates import COPY, GATES, LEAVES, ShapeMismatchError
from gradtutor.graph.build import Graph, gate_shape
from gradtutor.graph.forms import GraphError
from gradtutor.messages import tr


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
        raise GraphError(tr("the graph has a cycle"))
    for node in graph:
        _check_node(graph, node)
    output = graph.graph["output"]
    if output not in graph:
        raise GraphError(tr("the output {output!r} is not a node", output=output))
    gate = graph.nodes[output]["gate"]
    if gate == COPY or (gate == "number" and graph.out_degree(output)):
        raise GraphError(
            tr(
                "the output {output!r} is a {gate} that others read",
                output=output,
                gate=gate,
            )
        )


def _check_node(graph: Graph, node: str) -> None:
    data = graph.nodes[node]
    gate = data["gate"]
    wired = sorted(
        (position, source) for source, _, position in graph.in_edges(node, keys=True)
    )
    if [position for position, _ in wired] != list(range(len(wired))):
        raise GraphError(
            tr(
                "{node}: argument positions {wired} are not 0, 1, ...",
                node=node,
                wired=wired,
            )
        )
    if gate != COPY and graph.out_degree(node) > 1:
        raise GraphError(
            tr(
                "{node} feeds {count} wires without a copy gate",
                node=node,
                count=graph.out_degree(node),
            )
        )
    if gate in LEAVES or gate == COPY:
        low = high = int(gate == COPY)
    elif gate in GATES:
        low, high = GATES[gate].arity
    else:
        raise GraphError(tr("{node}: there is no gate {gate!r}", node=node, gate=gate))
    if not low <= len(wired) <= high:
        raise GraphError(
            tr(
                "{node}: {gate} has {count} arguments, not {low} to {high}",
                node=node,
                gate=gate,
                count=len(wired),
                low=low,
                high=high,
            )
        )
    for value in data.get("attrs", {}).values():
        if not _is_plain(value):
            raise GraphError(
                tr(
                    "{node}: {value!r} is no attribute of a gate",
                    node=node,
                    value=value,
                )
            )
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
        raise GraphError(
            tr(
                "{node}: shape {shape} should be {expected}",
                node=node,
                shape=data["shape"],
                expected=expected,
            )
        )
