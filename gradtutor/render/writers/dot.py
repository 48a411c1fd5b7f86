"""A drawing as DOT text, by the ``graphviz`` package: the same bytes on every run.

On every wire the value stands above in green, the gradient below in red and italic, so
that they differ without colour too.
"""

from __future__ import annotations

from dataclasses import replace
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
    Label,
    Line,
    Room,
    Weight,
)
from gradtutor.render.dressing.names import in_lines, shown
from gradtutor.render.labels import Symbols
from gradtutor.render.style import Colours, Style, chinese_width
from gradtutor.render.writers.dot_labels import (
    cells_of_one_height,
    label_html,
    label_width,
)
from gradtutor.render.writers.look import Look

if TYPE_CHECKING:
    import graphviz

FONT = "Helvetica"


#: Beside upright text it makes the layout program put both texts on one line: it sets
#: text of several kinds a little higher than text of one.
LEVEL = '<font point-size="1"> </font>'


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
        for frame in self.drawing.frames:
            self._place(body, places[frame.id], frame.id)
        if self.drawing.title:
            graph.subgraph(body)
        for wire in self.drawing.wires:
            self._halves(graph, wire)
        text: str = graph.source
        return text

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
        import graphviz

        title = f"<<b>{escape(self.drawing.title)}</b>>"
        look = {"label": title, "labelloc": "t", "peripheries": "0"}
        ink = {"fontname": FONT, "fontsize": "16", "fontcolor": self.colours.ink}
        return graphviz.Digraph("cluster_title", graph_attr=look | ink)

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

        label = f"<{escape(frame.title)}{' ×' if frame.repeated else ''}>"
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
        attributes = self._look_of(box)
        if box.ordered:
            attributes["ordering"] = "in"
        attributes |= self._weight(box.weight)
        if box.alarm:
            attributes |= {"penwidth": "4", "color": self.colours.alarm}
        if box.active:
            c = self.colours
            colour = c.value if box.active == "forward" else c.gradient
            attributes |= {"penwidth": "3", "color": colour}
        if box.tooltip:
            attributes["tooltip"] = escape(box.tooltip)
        if box.lines:
            attributes["label"] = f"<{self._lines(box.lines)}>"
        graph.node(box.id, **attributes, **self._found_by(box.id, box.kind))

    def _look_of(self, box: DrawnBox) -> dict[str, str]:
        """Return the attributes of a form."""
        look = self.look
        rounded = "rounded,filled" if look.filled else "rounded"
        paper = {"fillcolor": self.colours.paper} if look.filled else {}
        ink = {"fillcolor": self.colours.ink} if look.filled else {}
        bare = {"width": "0", "height": "0", "margin": look.name_margin}
        dot = {"width": f"{look.dot:g}", "fixedsize": "true", "label": ""}
        circle = {"width": f"{look.circle:g}", "fixedsize": "true"}
        forms: dict[str, dict[str, str]] = {
            "bare": {"shape": "plaintext", **bare, **paper},
            "dot": {"shape": "circle", **dot, **ink},
            "circle": {"shape": "circle", **circle},
            "ellipse": {"shape": "ellipse", "margin": look.ellipse_margin},
            "caption": {"shape": "box", "style": rounded, "margin": "0.14,0.05"},
            "layer": {"shape": "box", "style": rounded, "margin": "0.2,0.09"},
        }
        sizes = {"detail": 11, "caption": 10, "alarm": 10}
        lines = () if box.form == "bare" else box.lines
        widths = [chinese_width(one.text, sizes.get(one.role, 14)) for one in lines]
        wide = {"width": f"{max(widths) / POINTS:.3f}"} if any(widths) else {}
        return forms[box.form] | wide

    def _lines(self, lines: tuple[Line, ...]) -> str:
        """Write a box's lines; those of a sign share its size."""
        signs = [line.text for line in lines if line.role == "sign"]
        size = 18 if len(signs) == 1 and len(signs[0]) == 1 else 14
        sign = "<br/>".join(map(escape, signs))
        head = [f'<font point-size="{size}">{sign}</font>'] if signs else []
        rest = [self._line(line) for line in lines if line.role != "sign"]
        return "<br/>".join(head + rest)

    def _line(self, line: Line) -> str:
        text, c = escape(line.text), self.colours
        if line.role == "name":
            text = "<br/>".join(escape(shown(one)) for one in in_lines(line.text))
        small = '<font color="{}" point-size="10">{}</font>'
        if line.role == "detail":
            text = escape(shown(line.text))
        written = {
            "title": f"<b>{text}</b>",
            "detail": f'<font point-size="11">{text}</font>',
            "alarm": small.format(c.alarm, text),
            "caption": small.format(c.faint, text),
        }
        return written.get(line.role, text)

    # ---- wires ----

    def _label(self, graph: graphviz.Digraph, wire: DrawnWire) -> None:
        """Write what stands in the middle of a wire: both numbers, or their room."""
        found_by = self._found_by(wire.id, "label")
        if wire.room is None:
            table = self._table(wire.value, wire.gradient, wire.weight)
            graph.node(wire.id, label=f"<{table}>", shape="plain", style="", **found_by)
        else:
            graph.node(wire.id, **_kept_free(wire.room), **found_by)

    def _halves(self, graph: graphviz.Digraph, wire: DrawnWire) -> None:
        """Write a wire in two halves, with its numbers between them."""
        weight = self._weight(wire.weight)
        if wire.bare:
            graph.edge(wire.source, wire.target, **weight)
            return
        first = self._found_by(f"{wire.id}-a", "wire")
        graph.edge(
            wire.source, f"{wire.id}:{self.into}", arrowhead="none", **first, **weight
        )
        second = self._found_by(f"{wire.id}-b", "wire")
        graph.edge(f"{wire.id}:{self.out}", wire.target, **second, **weight)

    def _weight(self, weight: Weight) -> dict[str, str]:
        """Return how a box or a wire stands out, or does not."""
        c = self.colours
        if weight == "strong":
            return {"color": c.gradient, "penwidth": "1.6"}
        faint = {"color": c.faint, "fontcolor": c.faint}
        return faint if weight == "faint" else {}

    def _found_by(self, name: str, kind: str) -> dict[str, str]:
        """Return the id and the class by which a page finds an element."""
        prefix = self.drawing.prefix
        return {"id": f"{prefix}-{name}", "class": kind} if prefix else {}

    def _table(self, value: Label, gradient: Label, weight: Weight = "") -> str:
        c = self.colours
        if weight == "faint":
            c = replace(c, value=c.faint, gradient=c.faint, ink=c.faint)
        elif weight == "strong":
            c = replace(c, ink=c.gradient)
        level = "" if self.drawing.direction == "LR" else LEVEL
        paint = [_clear if one.hidden else str for one in (value, gradient)]
        above = label_html(value, c, level=level)
        above = f'<font color="{paint[0](c.value)}">{above}</font>'
        below = label_html(gradient, c, slanted=True)
        below = f'<font color="{paint[1](c.gradient)}">{below}</font>'
        frame = (
            '<table border="0" cellborder="0" cellspacing="0" cellpadding="2"'
            f' color="{c.ink}">'
        )
        if self.drawing.direction == "LR":
            up, down = cells_of_one_height(value, gradient)
            rows = f"<tr>{up}{above}</td></tr><HR/><tr>{down}{below}</td></tr>"
            return f"{frame}{rows}</table>"
        # Cells of one width, so that the bar between them is the wire itself.
        size = f'width="{max(label_width(value), label_width(gradient)) + 6}"'
        left = f'<td {size} align="right">{above}</td>'
        right = f'<td {size} align="left">{below}</td>'
        return f"{frame}<tr>{left}<VR/>{right}</tr></table>"


def _clear(colour: str) -> str:
    """Return a colour that cannot be seen, of a text whose room is kept."""
    return f"{colour}00"


def _kept_free(room: Room) -> dict[str, str]:
    width, height = room.width / POINTS, room.height / POINTS
    size = {"width": f"{width:.3f}", "height": f"{height:.3f}"}
    return {"shape": "box", "fixedsize": "true", "label": "", **size}
