"""Where a program stops the gradient: ``detach``, ``no_grad``, ``stop_gradient``.

What is stopped is marked by a gate that does nothing. A loss that comes through such a
gate would have another gradient here than in the program, so it is refused; one that
does not (a value kept for printing) is read as before.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import networkx as nx

from gradtutor.language.errors import StoppedGradientError
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
    axes = tuple(range(len(tracer.net.graph.nodes[t.node]["shape"])))
    at = tracer.at(node, "stop")
    mark = tracer.net.gate("transpose", t.node, layer=at, axes=axes)
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


def check_not_stopped(tracer: Tracer, output: str) -> None:
    """Refuse an output that comes through a stopped value; take out other marks.

    Raises
    ------
    StoppedGradientError
        With the line that stops the gradient.
    """
    graph = tracer.net.graph
    above = {output, *nx.ancestors(graph, output)} if tracer.stops else ()
    for mark, node in tracer.stops.items():
        if mark in above:
            message = tr("the gradient is stopped here, and the loss uses what comes")
            reason = tr(
                "a gate that lets no gradient through is not drawn or checked by this "
                "program: every gradient before it would be wrong"
            )
            run = tracer.run
            raise StoppedGradientError(message, run.source.text, run.span(node), reason)
    unused = [one for mark in tracer.stops for one in nx.descendants(graph, mark)]
    graph.remove_nodes_from([*tracer.stops, *unused])
