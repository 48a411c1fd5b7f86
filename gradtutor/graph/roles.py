"""What an input is for: one that is read as class labels alone has no derivative."""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.gates import COPY, GATES
from gradtutor.graph.build import Graph, Wire, readers
from gradtutor.graph.order import inputs


def mark_labels(graph: Graph) -> None:
    """Give inputs that are read as class labels alone the role of labels.

    >>> from gradtutor.graph import add_gate, add_input, new_graph
    >>> graph = new_graph()
    >>> z, y = add_input(graph, "z", (2, 3)), add_input(graph, "y", (2,))
    >>> loss = add_gate(graph, "cross_entropy", z, y)
    >>> mark_labels(graph)
    >>> graph.nodes["z"]["role"], graph.nodes["y"]["role"]
    ('input', 'label')
    """
    for name in inputs(graph, "input"):
        if is_class_label(graph, name):
            graph.nodes[name]["role"] = "label"


def is_class_label(graph: Graph, name: str) -> bool:
    """Whether an input is read as class labels alone; not all targets are."""
    places = [_takes_labels(graph, wire) for wire in _uses(graph, name)]
    return bool(places) and all(places)


def is_index(graph: Graph, name: str) -> bool:
    """Whether an input only says which rows of a table are taken: words, items."""
    waiting, found = [name], False
    while waiting:
        for wire in _uses(graph, waiting.pop()):
            _, node, position = wire
            gate = graph.nodes[node]["gate"]
            if gate in ("reshape", "transpose", "slice"):
                waiting.append(node)
            elif gate == "gather" and position == 1:
                found = True
            else:
                return False
    return found


def _takes_labels(graph: Graph, wire: Wire) -> bool:
    _, gate, position = wire
    entry = GATES[graph.nodes[gate]["gate"]]
    return getattr(entry, "labels", None) == position


def _uses(graph: Graph, node: str) -> Iterator[Wire]:
    """Yield the wires from a node, or from its copy gate, to what reads it."""
    for wire in readers(graph, node):
        if graph.nodes[wire[1]]["gate"] == COPY:
            yield from readers(graph, wire[1])
        else:
            yield wire
