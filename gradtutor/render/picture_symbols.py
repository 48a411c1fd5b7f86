"""The symbols of a picture: closed forms where they fit, else the chain rule's factors.

Where a gradient is too long for its wire, every value gets a name, t1 where it has
none, and each gradient is written by that of the next gate: ``∂f/∂t1 = ∂f/∂t3*w``. More
than 60 gates have the names alone.
"""

from __future__ import annotations

from gradtutor.calculus import backward_graph
from gradtutor.calculus.symbols import output_name, wire_symbols
from gradtutor.gates import COPY, LEAVES, show_shape
from gradtutor.graph import Graph, Wire, readers
from gradtutor.language.formula.unparse import Text
from gradtutor.messages import tr
from gradtutor.render.labels import Symbols
from gradtutor.render.page.display_names import (
    display_names,
    operation_text,
    with_products,
    written,
)
from gradtutor.render.page.layer_views import MOST_GATES

#: Longest text of a wire before the factors are written in its place.
LONGEST = 32
PASSIVE = {"label", "mask"}  # inputs that take no gradient


def picture_symbols(graph: Graph, ties: str) -> Symbols:
    """Return the texts of a picture: per node its value, per wire its gradient."""
    if len(graph) > MOST_GATES:
        return named_symbols(graph, shapes=True)
    closed = wire_symbols(graph, ties)
    if all(len(text) <= LONGEST for text in closed.values()):
        return closed
    return chained_symbols(graph, ties)


def chained_symbols(graph: Graph, ties: str) -> dict[str | Wire, str]:
    """Return each value by its arguments' names, each gradient by the next gate's."""
    backward, names = backward_graph(graph, ties=ties), display_names(graph)
    output, shown = output_name(graph), with_products(backward.graph)
    known = {node: Text(name) for node, name in names.items()}
    known[backward.of_node[graph.graph["output"]]] = Text("1")  # ∂f/∂f
    for node, made in backward.of_node.items():
        known.setdefault(made, Text(f"∂{output}/∂{names[node]}"))
    texts: dict[str | Wire, str] = {
        node: _value(graph, node, names) for node in graph.nodes
    }
    for wire in graph.edges(keys=True):
        source, gradient = graph.nodes[wire[0]], backward.of_wire.get(wire)
        title = "" if source["gate"] == COPY else f"∂{output}/∂{names[wire[0]]}"
        if gradient is None:
            text = "0"
        elif graph.nodes[wire[1]]["gate"] == COPY:
            text = tr("sum of {count}", count=len(readers(graph, wire[1])))
        elif gradient in names:
            text = names[gradient]
        elif gradient == (above := backward.of_node[wire[1]]):
            text = known[above].text
        else:
            others = {node: one for node, one in known.items() if node != gradient}
            text = written(shown, gradient, others)
        texts[wire] = f"{title} = {text}" if title else text
    return texts


def _value(graph: Graph, node: str, names: dict[str, str]) -> str:
    plain = graph.nodes[node]["gate"] in (*LEAVES, COPY)
    name = names[node]
    return name if plain else f"{name} = {operation_text(graph, node, names)}"


def named_symbols(graph: Graph, *, shapes: bool) -> dict[str | Wire, str]:
    """Return the names of values, with their shapes if wanted, and of gradients."""
    names, output = display_names(graph), output_name(graph)
    texts: dict[str | Wire, str] = {}
    for node, data in graph.nodes(data=True):
        shape, name = data["shape"], names[node]
        texts[node] = f"{name} {show_shape(shape)}" if shapes and shape else name
    for wire in graph.edges(keys=True):
        passive = graph.nodes[wire[0]].get("role") in PASSIVE
        texts[wire] = "" if passive else f"∂{output}/∂{names[wire[0]]}"
    return texts
