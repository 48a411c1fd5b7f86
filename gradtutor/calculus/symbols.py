r"""The gradient of every wire in symbols: ``∂f/∂x = z``.

>>> from gradtutor.language import parse
>>> gradient_symbols(parse("q = x + y\nf = q*z"))["x"]
'z'
"""

from __future__ import annotations

from gradtutor.calculus.backward import backward_graph
from gradtutor.calculus.forms import ShownForms
from gradtutor.gates import COPY
from gradtutor.graph import Graph, Wire, origin
from gradtutor.language.formula.unparse import Expressions

#: The output's name where the text gives it none.
OUTPUT = "f"


def output_name(graph: Graph) -> str:
    """Return what to call the output: its name, or f, or f_ where f is an input."""
    name: str | None = graph.nodes[graph.graph["output"]]["name"]
    fallback = OUTPUT
    while fallback in graph:
        fallback += "_"
    return name or fallback


def gradient_symbols(
    graph: Graph, ties: str = "torch", *, closed: bool = False
) -> dict[str, str]:
    """Return the gradient at each node's output as text.

    Parameters
    ----------
    closed : bool
        Write it in the inputs alone; by default in terms of the named intermediates.
    """
    backward = backward_graph(graph, ties=ties)
    texts = ShownForms(backward.graph, [] if closed else _named(graph))
    return {
        node: texts.text(gradient)
        for node, gradient in backward.of_node.items()
        if graph.nodes[node]["gate"] != COPY
    }


def _named(graph: Graph) -> list[str]:
    return [node for node, data in graph.nodes(data=True) if data["name"]]


def wire_symbols(graph: Graph, ties: str = "torch") -> dict[str | Wire, str]:
    """Return the texts of a picture in symbols.

    Returns
    -------
    dict
        Per node its value, ``q = x + y``; per wire its gradient, ``∂f/∂q = z``.
    """
    backward = backward_graph(graph, ties=ties)
    named, texts = _named(graph), {}
    written = Expressions(graph, stops=named, limit=60)
    gradients = ShownForms(backward.graph, named)
    output = output_name(graph)
    for node, data in graph.nodes(data=True):
        source = graph.nodes[origin(graph, node)]
        text = written.text(node)
        plain = data["gate"] in ("input", COPY) and source["name"]
        texts[node] = source["name"] if plain else _equation(data["name"], text)
    wires: dict[str | Wire, str] = dict(texts)
    for wire in graph.edges(keys=True):
        gradient = backward.of_wire.get(wire)
        text = "0" if gradient is None else gradients.text(gradient)
        name = graph.nodes[wire[0]]["name"]
        wires[wire] = _equation(f"∂{output}/∂{name}" if name else None, text)
    return wires


def _equation(name: str | None, text: str) -> str:
    return f"{name} = {text}" if name else text
