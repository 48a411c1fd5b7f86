"""A network as its layers, each with the shape of what leaves it: table and DOT."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradtutor.gates import show_shape
from gradtutor.graph import Graph
from gradtutor.messages import tr
from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire, Line
from gradtutor.render.page.views import Box, page_views
from gradtutor.render.style import THEMES
from gradtutor.render.writers.dot import dot_text

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class Layer:
    """A layer, an input or the loss.

    Attributes
    ----------
    parameters : int
        How many numbers it learns.
    after : tuple of int
        The places in the list of what it reads.
    """

    title: str
    shape: str
    parameters: int
    after: tuple[int, ...]


def layers(graph: Graph) -> list[Layer]:
    """Return a network's layers, inputs and loss, in the order of the forward pass."""
    view = page_views(graph)[0]
    kept = [i for i, box in enumerate(view.boxes) if box.kind != "output"]
    place = {box: n for n, box in enumerate(kept)}
    reads: dict[int, list[int]] = {box: [] for box in kept}
    for _, source, target in view.wires:
        if target in place and source in place and place[source] not in reads[target]:
            reads[target].append(place[source])
    return [_layer(view.graph, view.boxes[box], reads[box]) for box in kept]


def _layer(graph: Graph, box: Box, after: list[int]) -> Layer:
    learnt = [
        math.prod(size for size in data["shape"] if isinstance(size, int))
        for data in (graph.nodes[node] for node in box.nodes)
        if data["gate"] == "input" and data["role"] == "parameter"
    ]
    data = graph.nodes[box.nodes[-1]]
    shape = show_shape(data["shape"]) if data["shape"] else ""
    return Layer(box.title or data["name"], shape, sum(learnt), tuple(after))


def layer_table(found: list[Layer]) -> Table:
    """Return the layers as a table for the terminal."""
    from rich import box
    from rich.table import Table

    result = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    result.add_column(tr("layer"), overflow="fold")
    result.add_column(tr("shape"), overflow="fold")
    result.add_column(tr("parameters"), justify="right")
    for layer in found:
        count = f"{layer.parameters:,}" if layer.parameters else ""
        result.add_row(layer.title, layer.shape, count)
    return result


def layer_dot(found: list[Layer]) -> str:
    """Return the layers as DOT, from top to bottom."""
    boxes = tuple(
        DrawnBox(f"n{n}", "layer", tuple(_lines(layer)))
        for n, layer in enumerate(found)
    )
    wires = tuple(
        DrawnWire(f"w{source}_{n}", f"n{source}", f"n{n}", bare=True)
        for n, layer in enumerate(found)
        for source in layer.after
    )
    return dot_text(Drawing("TB", boxes, wires), THEMES["light"])


def _lines(layer: Layer) -> Iterator[Line]:
    yield Line(layer.title, "title")
    if layer.shape:
        yield Line(layer.shape, "detail")
