"""A formula's circuit for the page that trains: value and gradient on every wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradtutor.graph import Graph
from gradtutor.render.engines import layout
from gradtutor.render.page.page_program import page_program
from gradtutor.render.page.page_svg import page_svg
from gradtutor.render.page.view_drawing import view_dot
from gradtutor.render.page.views import page_views
from gradtutor.render.style import Style

#: A larger circuit is too wide to be read beside the landscape.
MOST_GATES = 40


@dataclass(frozen=True)
class CircuitPicture:
    """A drawing, and which number stands where.

    Attributes
    ----------
    svg : str
        With an empty label ``v0-w3`` on each wire.
    data : dict
        ``wires``: slots of value and gradient (-1 where it is 0, None where there is
        none), in the labels' order; ``boxes``: the nodes of each; they are those of
        the trace.
    """

    svg: str
    data: dict[str, Any]


def circuit_picture(graph: Graph, ties: str, style: Style) -> CircuitPicture | None:
    """Draw a formula's circuit; None if it is too large."""
    if len(graph) > MOST_GATES:
        return None
    program, view = page_program(graph, ties, numbers=True), page_views(graph)[0]
    nodes, wires = program.data["nodes"], program.data["wires"]
    last = nodes[program.data["output"]]
    shown = [
        (last["slot"], last["grad"])
        if wire is None
        else (
            nodes[program.node_index[wire[0]]]["slot"],
            wires[program.wire_index[wire]]["grad"],
        )
        for wire, _, _ in view.wires
    ]
    boxes = [[program.node_index[node] for node in box.nodes] for box in view.boxes]
    svg = page_svg(layout(view_dot(view, program, 0, style.digits, "LR"), "svg"))
    return CircuitPicture(svg, {"wires": shown, "boxes": boxes})
