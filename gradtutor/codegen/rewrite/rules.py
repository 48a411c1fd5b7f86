"""Rebuild a graph by rules, each a named rewrite that keeps the values.

A rule ``rule(tape, data, args)`` gets a node's data and its arguments in the new graph;
it returns the node to stand there, or None to leave the gate as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gradtutor.calculus.tape import GraphTape
from gradtutor.gates import COPY, LEAVES
from gradtutor.graph import (
    Graph,
    NodeData,
    new_graph,
    node_data,
    node_gate,
    operands,
    topological_order,
)

Rule = Callable[[GraphTape, NodeData, list[str]], "str | None"]


def rewritten(
    graph: Graph, rule: Rule, targets: Iterable[str]
) -> tuple[Graph, dict[str, str]]:
    """Rebuild what the targets need by one rule; return the graph and where nodes went.

    Parameters
    ----------
    targets : iterable of str
        Nodes that are wanted; all they do not need is left out.
    """
    result = new_graph(graph.graph["source"])
    result.graph.update(graph.graph)
    tape = GraphTape(result)
    made: dict[str, str] = {}
    for node in needed(graph, targets):
        data = node_data(graph, node)
        if data["gate"] in LEAVES:
            made[node] = node if data["gate"] == "input" else f"n.{node}"
            result.add_node(made[node], **data)
        else:
            args = [made[arg] for arg in operands(graph, node)]
            new = rule(tape, data, args)
            made[node] = new or tape.gate(data["gate"], *args, **data["attrs"])
            _keep_name(result, made[node], data)
    return result, made


def needed(graph: Graph, targets: Iterable[str]) -> list[str]:
    """Return what the targets need in the order in which it was made, copies left out.

    A gate is made after its arguments, so that this order is a topological one; it
    keeps forward, backward and layers in the sequence a person would write.
    """
    wanted = set(topological_order(graph, list(targets)))
    return [one for one in graph if one in wanted and node_gate(graph, one) != COPY]


def _keep_name(result: Graph, node: str, data: NodeData) -> None:
    new = node_data(result, node)
    if data["name"] and not new["name"] and new["gate"] not in LEAVES:
        new["name"] = data["name"]


def apply_passes(
    graph: Graph, targets: Sequence[str], passes: Sequence[Rule]
) -> tuple[Graph, list[str]]:
    """Apply passes in order; return the graph and the targets in it."""
    for rule in (*passes, _as_it_is):  # the last leaves out what nothing needs now
        graph, made = rewritten(graph, rule, targets)
        targets = [made[target] for target in targets]
    return graph, list(targets)


def _as_it_is(_tape: GraphTape, _data: NodeData, _args: list[str]) -> None:
    """Change nothing."""


def gate_of(tape: GraphTape, node: str) -> str:
    """Return the gate of a node."""
    return str(node_gate(tape.graph, node))


def arguments_of(tape: GraphTape, node: str) -> list[str]:
    """Return a node's arguments, seen through copies."""
    return operands(tape.graph, node)
