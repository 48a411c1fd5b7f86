"""What to call the values of a derivation: their own names, or t1, t2, ..."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from gradtutor.gates import COPY
from gradtutor.graph import (
    Graph,
    has_network,
    node_data,
    node_gate,
    readers,
    topological_order,
)


def node_labels(graph: Graph, output: str) -> dict[str, str]:
    """Name the values that get a line of their own.

    In a formula these are all of them; in a network those with a name and those that
    are used twice, so that ``z1 = X @ W1 + b1`` stays one line.

    >>> from gradtutor.language import parse
    >>> list(node_labels(parse("(x + y)*z"), "f").values())
    ['x', 'y', 't1', 'z', 'f']
    """
    fresh = fresh_names(graph, "t", {output})
    labels = {}
    for node in topological_order(graph):
        data = node_data(graph, node)
        if data["gate"] in ("number", COPY):
            continue
        if node == graph.graph["output"]:
            labels[node] = output
        elif data["name"]:
            labels[node] = data["name"]
        elif not has_network(graph) or _is_shared(graph, node):
            labels[node] = next(fresh)
    return labels


def fresh_names(graph: Graph, stem: str, taken: set[str]) -> Iterator[str]:
    """Yield t1, t2, ..., passing over what the text itself uses."""
    known = taken | {data["name"] for _, data in graph.nodes(data=True)}
    return (f"{stem}{i}" for i in count(1) if f"{stem}{i}" not in known)


def gradient_names(labels: Mapping[str, str]) -> dict[str, str]:
    """Return a name for the gradient of each value: dq, or one that is free.

    >>> gradient_names({"x": "x", "dx": "dx"})
    {'x': 'dx_', 'dx': 'ddx'}
    """
    taken = set(labels.values())
    names = {}
    for node, label in labels.items():
        name = f"d{label}"
        while name in taken:
            name += "_"
        taken.add(name)
        names[node] = name
    return names


def _is_shared(graph: Graph, node: str) -> bool:
    return any(node_gate(graph, to) == COPY for _, to, _ in readers(graph, node))


def owners(graph: Graph, labels: Mapping[str, str]) -> dict[str, str]:
    """Return for every gate the value in whose line it stands."""
    found: dict[str, str] = {}
    for node in reversed(topological_order(graph)):
        wires = readers(graph, node)
        found[node] = node if node in labels or not wires else found[wires[0][1]]
    return found
