"""A drawing as DOT text, by the ``graphviz`` package: the same bytes on every run.

On every wire the value stands above in green, the gradient below in red and italic, so
that they differ without colour too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING

from gradtutor.evaluate import Trace
from gradtutor.graph import Graph
from gradtutor.render.circuit_drawing import circuit_drawing
from gradtutor.render.drawing import (
    POINTS,
    Drawing,
    DrawnBox,
    DrawnWire,
    Frame,
    Room,
)
from gradtutor.render.labels import Symbols
from gradtutor.render.style import Colours, Style
from gradtutor.render.writers.dot_boxes import box_attributes, weight_attributes
from gradtutor.render.writers.dot_labels import wire_table
from gradtutor.render.writers.look import Look

if TYPE_CHECKING:
    import graphviz

FONT = "Helvetica"
#: Forms that are no gates.
UNGROUPED = ("dot", "bare")


def dot_source(
    drawn: Trace | Graph, style: Style | None = None, symbols: Symbols | None = None
) -> str:
    """Return the DOT text of a circuit; arguments as ``circuit_drawing`` takes them."""
    style = style or Style()
    return dot_text(circuit_drawing(drawn, style, symbols), style.colours)


def dot_text(drawing: Drawing, colours: Colours, look: Look | None = None) -> str:
    """Return the DOT text of a drawing."""
    return _Writer(drawing, colours, look or Look()).source()


class _Writer:
    def __init__(self, drawing: Drawing, colours: Colours, look: Look) -> None:
        self.drawing, self.colours, self.look = drawing, colours, look
        self.into, self.out = ("w", "e") if drawing.direction == "LR" else ("n", "s")

    def source(self) -> str:
        """Return boxes and labels in their frames, then wires."""
        graph = self._graph()
        body = self._titled() if self.drawing.title else graph
        inside = {
            one: frame.id for frame in self.drawing.frames for one in frame.members
        }
        places = {frame.id: self._frame(frame) for frame in self.drawing.frames}
        for box in self.drawing.boxes:
            self._box(places.get(inside.get(box.id, ""), body), box)
        for wire in self.drawing.wires:
            if not wire.bare:
                self._label(places.get(inside.get(wire.id, ""), body), wire)
        for target, labels in self._together(inside):
            group = _unseen(f"cluster_{target}_wires", margin="0")
            for name in (target, *labels):
                group.node(name)
            places.get(inside.get(target, ""), body).subgraph(group)
        for frame in self.drawing.frames:
            self._place(body, places[frame.id], frame.id)
        if self.drawing.title:
            graph.subgraph(body)
        for wire in self.drawing.wires:
            self._halves(graph, wire)
        text: str = graph.source
        return text

    def _together(self, inside: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
        """Yield gates with the numbers that stand in the same frame."""
        if not self.drawing.together:
            return
        gates = {one.id for one in self.drawing.boxes if one.form not in UNGROUPED}
        found: dict[str, list[str]] = {}
        for wire in self.drawing.wires:
            same = inside.get(wire.id) == inside.get(wire.target)
            if wire.target in gates and same and not wire.bare:
                found.setdefault(wire.target, []).append(wire.id)
        yield from found.items()

    def _graph(self) -> graphviz.Digraph:
        import graphviz

        c, look = self.colours, self.look
        paper = {"bgcolor": c.paper} if look.filled else {}
        ink = {"fontcolor": c.ink, "color": c.ink, "style": "filled"}
        ink |= {"fillcolor": c.gate}
        return graphviz.Digraph(
            "circuit",
            graph_attr={
                "rankdir": self.drawing.direction,
                "pad": f"{look.pad:g}",
                "nodesep": f"{look.node_gap:g}",
                "ranksep": f"{look.rank_gap:g}",
                **paper,
                **self._caption(),
            },
            node_attr={"fontname": FONT, "fontsize": "14"}
            | (ink if look.filled else {}),
            edge_attr={"fontname": FONT, "arrowsize": "0.6"}
            | ({"color": c.ink} if look.filled else {}),
        )

    def _titled(self) -> graphviz.Digraph:
        """Return an unseen frame round all, with the title above it."""
        title = f"<<b>{escape(self.drawing.title)}</b>>"
        ink = {"fontname": FONT, "fontsize": "16", "fontcolor": self.colours.ink}
        return _unseen("cluster_title", label=title, labelloc="t", **ink)

    def _caption(self) -> dict[str, str]:
        """Return the lines below the drawing, in the room of all frames' captions."""
        lines = self.drawing.caption
        if not lines:
            return {}
        width = self.drawing.caption_width
        cell = f'<td width="{width}" height="22" align="left">'
        texts = (escape(line) or " " for line in lines)
        rows = "".join(f"<tr>{cell}{text}</td></tr>" for text in texts)
        table = f'<table border="0" cellborder="0" cellspacing="0">{rows}</table>'
        ink = {"fontname": FONT, "fontsize": "14", "fontcolor": self.colours.ink}
        return {"label": f"<{table}>", "labelloc": "b", **ink}

    # ---- frames ----

    def _frame(self, frame: Frame) -> graphviz.Digraph:
        import graphviz

        if not frame.drawn:
            return _unseen("")
        label = f"<{escape(frame.heading)}>"
        attributes = {"label": label, "labeljust": "l", "fontname": FONT}
        attributes |= {"fontsize": "12", "margin": "8", "class": "frame"}
        attributes["peripheries"] = "1"
        if self.look.filled:
            attributes |= {"fontcolor": self.colours.ink, "color": self.colours.faint}
        return graphviz.Digraph(graph_attr=attributes)

    def _place(
        self, graph: graphviz.Digraph, frame: graphviz.Digraph, name: str
    ) -> None:
        frame.name = f"cluster_{name}"
        frame.graph_attr["id"] = f"{self.drawing.prefix}-{name}"
        graph.subgraph(frame)

    # ---- boxes ----

    def _box(self, graph: graphviz.Digraph, box: DrawnBox) -> None:
        attributes = box_attributes(box, self.colours, self.look)
        graph.node(box.id, **attributes, **self._found_by(box.id, box.kind))

    # ---- wires ----

    def _label(self, graph: graphviz.Digraph, wire: DrawnWire) -> None:
        """Write what stands in the middle of a wire: both numbers, or their room."""
        found_by = self._found_by(wire.id, "label")
        if wire.room is None:
            table = wire_table(wire, self.colours, self.drawing.direction)
            graph.node(wire.id, label=f"<{table}>", shape="plain", style="", **found_by)
        else:
            graph.node(wire.id, **_kept_free(wire.room), **found_by)

    def _halves(self, graph: graphviz.Digraph, wire: DrawnWire) -> None:
        """Write a wire in two halves, with its numbers between them."""
        weight = weight_attributes(wire.weight, self.colours)
        if wire.bare:
            graph.edge(wire.source, wire.target, **weight)
            return
        first = self._found_by(f"{wire.id}-a", "wire")
        graph.edge(
            wire.source, f"{wire.id}:{self.into}", arrowhead="none", **first, **weight
        )
        second = self._found_by(f"{wire.id}-b", "wire")
        graph.edge(f"{wire.id}:{self.out}", wire.target, **second, **weight)

    def _found_by(self, name: str, kind: str) -> dict[str, str]:
        """Return the id and the class by which a page finds an element."""
        prefix = self.drawing.prefix
        return {"id": f"{prefix}-{name}", "class": kind} if prefix else {}


def _unseen(name: str, **attributes: str) -> graphviz.Digraph:
    """Return a frame that is not drawn."""
    import graphviz

    return graphviz.Digraph(name, graph_attr={"peripheries": "0", **attributes})


def _kept_free(room: Room) -> dict[str, str]:
    width, height = room.width / POINTS, room.height / POINTS
    size = {"width": f"{width:.3f}", "height": f"{height:.3f}"}
    return {"shape": "box", "fixedsize": "true", "label": "", **size}
