r"""A network as it was read: a row a layer, with its line, its output, its parameters.

>>> from gradtutor.language import parse_network
>>> graph = parse_network("Sequential([Input(4), Linear(3), ReLU()])\nloss = MSELoss()")
>>> [(row.line, row.text, row.shape, row.parameters) for row in layer_rows(graph)]
[(1, 'Linear(3)', (3,), 15), (1, 'ReLU()', (3,), 0)]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from gradtutor.graph import (
    Graph,
    Span,
    network_of,
    operands,
    origin,
    topological_order,
    weights,
)
from gradtutor.messages import mark, tr
from gradtutor.messages.cells import cells as width

#: The most that is shown of a layer's text.
SHOWN = 56


@dataclass(frozen=True)
class LayerRow:
    """What one place of the text became.

    Attributes
    ----------
    line : int
        Its line in the text, from 1.
    text : str
        How the text has it.
    shape : tuple of int
        One example of its output, in the text's order of axes.
    parameters : int
        Numbers that training changes.
    frozen : int
        Numbers that keep their values.
    """

    line: int
    text: str
    shape: tuple[int, ...]
    parameters: int
    frozen: int = 0


def layer_rows(graph: Graph) -> list[LayerRow]:
    """Return the layers of a network's graph in their order, from X to the answer."""
    facts, source = network_of(graph), graph.graph["source"]
    answer = facts["prediction"]
    inside = nx.ancestors(graph, answer) | {answer}
    rows: list[tuple[Span, list[str]]] = []
    counted: set[str] = set()
    for node in topological_order(graph, [answer]):
        data = graph.nodes[node]
        span = data.get("span")
        if node not in inside or span is None or span == (0, 1):
            continue
        if data["gate"] in ("input", "number", "copy"):
            continue
        if rows and rows[-1][0] == span:
            rows[-1][1].append(node)
        else:
            rows.append((span, [node]))
    rows += _of_other_outputs(graph, inside, {span for span, _ in rows})
    found = []
    for span, nodes in rows:
        held = {*_weights(graph, span), *_read(graph, nodes)} - counted
        counted |= held
        count, kept = (_count(graph, held, role) for role in ("parameter", "frozen"))
        last = graph.nodes[nodes[-1]]["shape"]
        if graph.nodes[nodes[-1]]["gate"] == "recurrence":  # the start state is no step
            last = (last[0] - 1, *last[1:])
        line = source.count("\n", 0, span[0]) + 1
        found.append(
            LayerRow(line, _text(source, span), _sizes(facts, last), count, kept)
        )
    return found


def _of_other_outputs(
    graph: Graph, inside: set[str], shown: set[Span]
) -> list[tuple[Span, list[str]]]:
    """Return the layers with weights that only other outputs go through."""
    held = {graph.nodes[one].get("span") for one in weights(graph)} - shown
    rows: dict[Span, list[str]] = {}
    for node in topological_order(graph, [graph.graph["output"]]):
        data = graph.nodes[node]
        gate = data["gate"] not in ("input", "number", "copy")
        if node not in inside and gate and data.get("span") in held:
            rows.setdefault(data["span"], []).append(node)
    return list(rows.items())


def _weights(graph: Graph, span: Span) -> set[str]:
    """Return the weights of the layer in a place of the text."""
    return {one for one in weights(graph) if graph.nodes[one].get("span") == span}


def _read(graph: Graph, nodes: Sequence[str]) -> set[str]:
    """Return the weights that gates read which a layer's own text does not make."""
    known = {one for one in weights(graph) if graph.nodes[one]["layer"] == "parameter"}
    waiting = [arg for one in nodes for arg in operands(graph, one)]
    read: set[str] = set()
    while waiting:
        one = origin(graph, waiting.pop())
        read.add(one)
        if graph.nodes[one]["gate"] in ("reshape", "transpose"):
            waiting += operands(graph, one)
    return read & known


def _count(graph: Graph, names: set[str], role: str) -> int:
    """Return how many numbers the weights of a role have."""
    sizes = (graph.nodes[n]["shape"] for n in names if graph.nodes[n]["role"] == role)
    return sum(math.prod(map(int, size)) for size in sizes)


def _text(source: str, span: Span) -> str:
    """Return a layer as the text has it, on one line."""
    text = " ".join(source[span[0] : span[1]].split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _sizes(facts: Any, shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return one example's axes; Keras has the channels last."""
    sizes = [one for one in shape or () if isinstance(one, int)]
    images = facts["channels_last"] and len(sizes) > 1 and shape[-1] == "N"
    return (*sizes[1:], sizes[0]) if images else tuple(sizes)


#: What a text says of training, as it is called there and in a table.
SETTINGS = {
    "loss": mark("loss"),
    "optimiser": mark("optimiser"),
    "learning_rate": mark("learning_rate"),
    "schedule": mark("schedule"),
    "epochs": mark("epochs"),
    "steps": mark("steps"),
    "batch_size": mark("batch_size"),
    "patience": mark("patience"),
}


def settings_of(graph: Graph) -> dict[str, Any]:
    """Return what the text says of training: loss, optimiser, epochs, batch size."""
    facts = network_of(graph)
    known = {name: facts.get(name) for name in SETTINGS}
    return {name: value for name, value in known.items() if value is not None}


def table_of(
    rows: list[LayerRow], settings: dict[str, Any], notes: Sequence[str]
) -> str:
    """Return the rows as a table, the settings and the notes below it."""
    listed = [
        (
            str(row.line),
            row.text,
            _shown(row.shape),
            _numbers(row),
        )
        for row in rows
    ]
    head = (tr("line"), tr("layer"), tr("output"), tr("parameters"))
    total = f"{sum(row.parameters for row in rows):,}"
    listed = [head, *listed, ("", "", "", total)]
    wide = [max(width(row[i]) for row in listed) for i in range(4)]
    lines = [
        "  ".join(
            (_padded(cell, wide[i], left=i in (1, 2)) for i, cell in enumerate(row))
        ).rstrip()
        for row in listed
    ]
    told = ", ".join(f"{tr(SETTINGS[name])} {settings[name]}" for name in settings)
    return "\n".join([*lines, "", told, *notes]).rstrip()


def _numbers(row: LayerRow) -> str:
    """Write how many numbers a layer trains, and how many it keeps."""
    trained = f"{row.parameters:,}" if row.parameters else ""
    kept = tr("frozen {n:,}", n=row.frozen) if row.frozen else ""
    return " + ".join(part for part in (trained, kept) if part)


def _shown(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "1"


def _padded(text: str, wide: int, *, left: bool) -> str:
    gap = " " * (wide - width(text))
    return text + gap if left else gap + text
