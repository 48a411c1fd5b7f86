"""The layers of a network, and the groups of a long formula: their gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

from gradtutor.gates import LEAVES
from gradtutor.graph import Graph, Span, has_network, readers, topological_order

#: A longer formula is drawn by its named values, if it has any.
MOST_GATES = 60


def groups_of(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Return the layers of a network, or the named groups of a formula that is long."""
    if has_network(graph):
        return layers(graph)
    found = named_groups(graph) if len(graph) > MOST_GATES else {}
    return found if 1 < len(found) <= len(graph) / 2 else {}


def named_groups(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Group the gates of a formula by the named value that they are there for.

    What is read by two groups stands between them.
    """
    home: dict[str, str | None] = {}
    output = graph.graph["output"]
    for node in reversed(topological_order(graph)):
        data = graph.nodes[node]
        named = data["name"] and data["gate"] not in LEAVES
        found = {home[target] for _, target, _ in readers(graph, node)}
        inside = len(found) == 1 and not _is_data(data)
        home[node] = (
            node if named or node == output else found.pop() if inside else None
        )
    groups: dict[str, list[str]] = {}
    for node in topological_order(graph):
        if home[node] is not None:
            groups.setdefault(str(home[node]), []).append(node)
    return {f"c{count}": tuple(nodes) for count, nodes in enumerate(groups.values())}


def _is_data(data: Mapping[str, Any]) -> bool:
    """Whether a node comes from outside: all inputs but parameters and constants."""
    known = ("parameter", "frozen", "constant")
    return data["gate"] == "input" and data["role"] not in known


def layers(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Group a network's nodes by the layer in whose text they stand.

    Layers whose folding would make a cycle stay open.
    """
    groups: dict[Span, list[str]] = {}
    for node in topological_order(graph):
        data = graph.nodes[node]
        if data["span"] and data.get("role") != "label":
            groups.setdefault(data["span"], []).append(node)
    found = {
        f"c{count}": tuple(nodes)
        for count, nodes in enumerate(groups.values())
        if any(graph.nodes[node]["gate"] not in LEAVES for node in nodes)
    }
    while found and (cycle := _cycle(graph, found)):
        found = {key: nodes for key, nodes in found.items() if key not in cycle}
    return found


def _cycle(graph: Graph, groups: dict[str, tuple[str, ...]]) -> set[str]:
    """Return the groups on a cycle of the folded graph."""
    folded = quotient(graph, {n: key for key, group in groups.items() for n in group})
    return {
        str(key)
        for part in nx.strongly_connected_components(folded)
        if len(part) > 1
        for key in part
        if key in groups
    }


def quotient(graph: Graph, group_of: dict[str, str]) -> nx.DiGraph:
    """Return the graph in which each group of nodes is one node."""
    folded = nx.DiGraph()
    folded.add_nodes_from(group_of.get(node, node) for node in topological_order(graph))
    folded.add_edges_from(
        (group_of.get(source, source), group_of.get(target, target))
        for source, target in graph.edges()
        if group_of.get(source, source) != group_of.get(target, target)
    )
    return folded
