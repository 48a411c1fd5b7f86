"""The path of an input made strong; numbers left out for an exercise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal

import networkx as nx

from gradtutor.calculus.stages import Way
from gradtutor.gates import LEAVES
from gradtutor.graph import Graph
from gradtutor.language import near
from gradtutor.messages import tr
from gradtutor.render.drawing import (
    BLANK,
    Drawing,
    DrawnBox,
    DrawnWire,
    Label,
    PictureError,
)

Blank = Literal["values", "gradients", "all"]


def highlighted(drawing: Drawing, graph: Graph, names: Sequence[str]) -> Drawing:
    """Return a drawing in which the paths from some values to the output are strong.

    Along them the gradient comes back; all other wires and boxes are faint.

    Raises
    ------
    PictureError
        When a name is none of the graph's.
    """
    on: set[str] = set()
    for node in _nodes(graph, names):
        on |= {node, *nx.descendants(graph, node)}
    boxes = tuple(_marked_box(box, on) for box in drawing.boxes)
    wires = tuple(_marked_wire(wire, on) for wire in drawing.wires)
    return replace(drawing, boxes=boxes, wires=wires)


def _nodes(graph: Graph, names: Sequence[str]) -> list[str]:
    known = {str(data["name"]): node for node, data in graph.nodes(data=True)}
    known.pop("", None)
    known.pop("None", None)
    for name in names:
        if name not in known:
            hint = near(name, known) or tr(
                "the names are {names}", names=", ".join(known)
            )
            raise PictureError(
                tr("--highlight: there is no {name!r}; {hint}", name=name, hint=hint)
            )
    return [known[name] for name in names]


def _marked_box(box: DrawnBox, on: Collection[str]) -> DrawnBox:
    return replace(box, weight="strong" if not box.node or box.node in on else "faint")


def _marked_wire(wire: DrawnWire, on: Collection[str]) -> DrawnWire:
    return replace(wire, weight="strong" if wire.carries in on else "faint")


def blanked(drawing: Drawing, graph: Graph, which: Blank) -> Drawing:
    """Return a drawing with boxes in place of the numbers that are to be found.

    What is given stays: the values of inputs, and the gradient of the output.
    """
    wires = []
    for wire in drawing.wires:
        given = graph.nodes[wire.carries]["gate"] in LEAVES if wire.carries else False
        value = wire.value if given or which == "gradients" else _empty(wire.value)
        last = wire.wire is None
        keep = last or which == "values"
        gradient = wire.gradient if keep else _empty(wire.gradient)
        wires.append(replace(wire, value=value, gradient=gradient))
    return replace(drawing, wires=tuple(wires))


def blanks(which: Blank | Literal[""]) -> dict[Way, str]:
    """Return what stands for a number in the lines of the steps, by pass."""
    passes: dict[str, tuple[Way, ...]] = {
        "values": ("forward",),
        "gradients": ("backward",),
        "all": ("forward", "backward"),
    }
    return dict.fromkeys(passes.get(which, ()), BLANK)


def _empty(label: Label) -> Label:
    """Return a label with an empty box in place of each of its numbers."""
    rows = tuple(tuple(BLANK for _ in row) for row in label.rows)
    return replace(label, number=BLANK if label.number else "", rows=rows, heat=None)
