"""Where a program stops the gradient: ``detach``, ``no_grad``, ``stop_gradient``.

What is stopped goes through a gate of that name, which lets no gradient through. A stop
that the loss does not come by (a value kept for printing) is left out.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import networkx as nx

from gradtutor.gates import STOPPED
from gradtutor.graph import Graph, inputs
from gradtutor.language.program.values import Tensor, Weight
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Functions and methods whose result has no gradient.
STOPPING = frozenset(
    ("detach", "detach_", "stop_gradient", "item", "numpy", "tolist", "data")
)


def stopped(tracer: Tracer, value: Any, node: ast.AST) -> Any:
    """Mark a value, or each of several, as one through which no gradient goes."""
    if isinstance(value, list | tuple):
        return type(value)(stopped(tracer, one, node) for one in value)
    if isinstance(value, dict):
        return {key: stopped(tracer, one, node) for key, one in value.items()}
    if not isinstance(value, Tensor | Weight) or tracer.is_input(value):
        return value
    t = tracer.tensor(value, node)
    if not _is_trained(tracer, t.node):
        return value
    at = tracer.at(node, "stop")
    mark = tracer.net.gate("stop_gradient", t.node, layer=at)
    tracer.stops[mark] = node
    return Tensor(mark, t.order)


def _is_trained(tracer: Tracer, node: str) -> bool:
    """Whether a gradient would go on from a node to something that is trained."""
    graph = tracer.net.graph
    roles = {
        graph.nodes[one].get("role")
        for one in {node, *nx.ancestors(graph, node)}
        if graph.nodes[one]["gate"] == "input"
    }
    return bool(roles - {"constant"}) if tracer.plain else "parameter" in roles


def without_unused_stops(tracer: Tracer, output: str) -> None:
    """Take out the stops that an output does not come by, with all behind them."""
    graph = tracer.net.graph
    above = {output, *nx.ancestors(graph, output)} if tracer.stops else set()
    idle = [one for one in tracer.stops if one not in above]
    unused = [one for mark in idle for one in nx.descendants(graph, mark)]
    graph.remove_nodes_from([*idle, *unused])
    for mark in idle:
        del tracer.stops[mark]


def keep_behind_stops(tracer: Tracer, output: str) -> list[str]:
    """Mark the parameters that no gradient reaches as kept; return a note on each stop.

    Raises
    ------
    SourceError
        Where nothing is left that is trained.
    """
    graph, run = tracer.net.graph, tracer.run
    if not tracer.stops:
        return []
    reached = _reached(graph, output)
    names = inputs(graph, "parameter")
    if not reached.intersection(names):
        (node, *_) = tracer.stops.values()
        message = tr("the gradient is stopped here, and no parameter gets any")
        raise run.fail(message, node)
    for name in names:
        if name not in reached:
            graph.nodes[name]["role"] = "frozen"
    run.frozen_lines |= {getattr(one, "lineno", 1) for one in tracer.stops.values()}
    lines = dict.fromkeys(getattr(one, "lineno", 1) for one in tracer.stops.values())
    return [
        tr("line {line}: the gradient stops here; what comes before gets none of it",
           line=line)
        for line in lines
    ]  # fmt: skip


def _reached(graph: Graph, output: str) -> set[str]:
    """Return the nodes that get a gradient of an output."""
    waiting, seen = [output], {output}
    while waiting:
        node = waiting.pop()
        if graph.nodes[node]["gate"] in STOPPED:
            continue
        for arg in graph.predecessors(node):
            if arg not in seen:
                seen.add(arg)
                waiting.append(arg)
    return seen
