"""A drawing as DOT text, by the ``graphviz`` package: the same bytes on every run.

On every wire the value stands above in green, the gradient below in red and italic, so
that they differ without colour too.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    Label,
    Line,
    Room,
)
from gradtutor.render.labels import Symbols
from gradtutor.render.style import Colours, Style, chinese_width, text_width

if TYPE_CHECKING:
    import graphviz

FONT = "Helvetica"


@dataclass(frozen=True)
class Look:
    """Sizes in inches, and whether boxes are filled.

    Attributes
    ----------
    pad, node_gap, rank_gap : float
        Space round the drawing, between neighbours, and between ranks.
    circle, dot : float
        Diameters of a gate's circle and of a fork's dot.
    """

    pad: float = 0.2
    node_gap: float = 0.22
    rank_gap: float = 0.22
    circle: float = 0.55
    dot: float = 0.1
    name_margin: str = "0.08,0.05"
    ellipse_margin: str = "0.04,0.02"
    filled: bool = True


#: Beside upright text it makes the layout program put both texts on one line: it sets
#: text of several kinds a little higher than text of one.
LEVEL = '<font point-size="1"> </font>'
CELL_GAP = 8  # points between a tensor's numbers

#: Of a page, whose style sheet has the colours and whose numbers change.
PAGE_LOOK = Look(0.1, 0.16, 0.2, 0.58, 0.13, "0.06,0.04", "0.05,0.03", filled=False)


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
        inside = {
            one: frame.id for frame in self.drawing.frames for one in frame.members
        }
        places = {frame.id: self._frame(frame.title) for frame in self.drawing.frames}
        for box in self.drawing.boxes:
            self._box(places.get(inside.get(box.id, ""), graph), box)
        for wire in self.drawing.wires:
            if not wire.bare:
                self._label(places.get(inside.get(wire.id, ""), graph), wire)
        for frame in self.drawing.frames:
            self._place(graph, places[frame.id], frame.id)
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

    def _frame(self, title: str) -> graphviz.Digraph:
        import graphviz

        label = f"<{escape(title)} ×>"
        attributes = {"label": label, "labeljust": "l", "fontname": FONT}
        attributes |= {"fontsize": "12", "margin": "8", "class": "frame"}
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
        small = '<font color="{}" point-size="10">{}</font>'
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
            table = self._table(wire.value, wire.gradient)
            graph.node(wire.id, label=f"<{table}>", shape="plain", style="", **found_by)
        else:
            graph.node(wire.id, **_kept_free(wire.room), **found_by)

    def _halves(self, graph: graphviz.Digraph, wire: DrawnWire) -> None:
        """Write a wire in two halves, with its numbers between them."""
        if wire.bare:
            graph.edge(wire.source, wire.target)
            return
        first = self._found_by(f"{wire.id}-a", "wire")
        graph.edge(wire.source, f"{wire.id}:{self.into}", arrowhead="none", **first)
        second = self._found_by(f"{wire.id}-b", "wire")
        graph.edge(f"{wire.id}:{self.out}", wire.target, **second)

    def _found_by(self, name: str, kind: str) -> dict[str, str]:
        """Return the id and the class by which a page finds an element."""
        prefix = self.drawing.prefix
        return {"id": f"{prefix}-{name}", "class": kind} if prefix else {}

    def _table(self, value: Label, gradient: Label) -> str:
        c = self.colours
        level = "" if self.drawing.direction == "LR" else LEVEL
        paint = [_clear if one.hidden else str for one in (value, gradient)]
        above = label_html(value, level=level)
        above = f'<font color="{paint[0](c.value)}">{above}</font>'
        below = label_html(gradient, slanted=True)
        below = f'<font color="{paint[1](c.gradient)}">{below}</font>'
        frame = (
            '<table border="0" cellborder="0" cellspacing="0" cellpadding="2"'
            f' color="{c.ink}">'
        )
        if self.drawing.direction == "LR":
            rows = f"<tr><td>{above}</td></tr><HR/><tr><td>{below}</td></tr>"
            return f"{frame}{rows}</table>"
        # Cells of one width, so that the bar between them is the wire itself.
        size = f'width="{max(label_width(value), label_width(gradient))}"'
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


def label_width(label: Label) -> int:
    """Return about how many points wide a label is, rather too many than too few."""
    lines = [label.head, *([label.number] if label.shape else [])]
    widths = [text_width(line) for line in lines]
    columns = zip(*label.rows, strict=True)
    cells = [max(text_width(cell) for cell in one) for one in columns]
    return max(*widths, sum(cells) + CELL_GAP * (len(cells) + 1))


def label_html(label: Label, *, slanted: bool = False, level: str = "") -> str:
    """Write a label as graphviz's HTML, a gradient's in italics.

    ``level`` follows each text, to bring it to the height of another beside it.
    """
    style = "<i>{}</i>" if slanted else "{}" + level
    head = escape(label.head)
    if not label.rows:
        parts = [head, escape(label.number)] if label.shape else [head]
        return style.format("<br/>".join(parts) or " ")
    cells = "".join(
        "<tr>"
        + "".join(f'<td align="right">{style.format(cell)}</td>' for cell in row)
        + "</tr>"
        for row in label.rows
    )
    return (
        f'<table border="0" cellborder="0" cellspacing="{CELL_GAP}" cellpadding="0">'
        f'<tr><td colspan="{len(label.rows[0])}">{style.format(head)}</td></tr>'
        f"{cells}</table>"
    )
