"""The layers of a network: which gates belong to each, and the graph of layers."""

from __future__ import annotations

import networkx as nx

from gradtutor.gates import LEAVES
from gradtutor.graph import Graph, Span, topological_order
from gradtutor.render.style import elided

TITLE_WIDTH = 32


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


def layer_title(graph: Graph, nodes: tuple[str, ...]) -> str:
    """Return the text of a layer as it was written."""
    start, end = graph.nodes[nodes[0]]["span"]
    text = " ".join(graph.graph["source"][start:end].split())
    return elided(text.removesuffix("()"), TITLE_WIDTH)
