"""A view of the page as DOT: ids and classes on every box and wire, room for numbers.

The numbers change in the page, so a wire's label is an empty box of the right size.
"""

from __future__ import annotations

from html import escape

from gradtutor.gates import Dimension, show_shape
from gradtutor.graph import Graph
from gradtutor.render.dot import FONT, SYMMETRIC
from gradtutor.render.labels import gate_sign
from gradtutor.render.page.page_program import PageProgram
from gradtutor.render.page.views import Box, View
from gradtutor.render.style import SHOWN_ELEMENTS

#: Of the labels' font at 13 points: the width of a digit and of a letter, on average
#: with the narrow marks between them, and the height of a line.
DIGIT, LETTER, LINE = 7.0, 6.3, 16.0
POINTS = 72.0  # an inch
#: Characters kept free for one number beside the digits after its point: -1234.
WHOLE = 6


def view_dot(
    view: View, program: PageProgram, place: int, digits: int, way: str
) -> str:
    """Return the DOT text of a view.

    Parameters
    ----------
    place : int
        Which view of the page it is; its ids begin with ``v0-``, ``v1-``, ...
    digits : int
        Digits after the point of the numbers that the labels will hold.
    way : str
        ``LR`` or ``TB``.
    """
    return _Writer(view, program, f"v{place}", digits, way).text()


def is_grid(shape: tuple[Dimension, ...]) -> bool:
    """Whether a tensor is small enough for all its numbers to be shown."""
    count = 1
    for size in shape:
        count *= size if isinstance(size, int) else SHOWN_ELEMENTS + 1
    return 1 <= len(shape) <= 2 and 0 < count <= SHOWN_ELEMENTS


class _Writer:
    def __init__(
        self, view: View, program: PageProgram, prefix: str, digits: int, way: str
    ) -> None:
        self.view, self.graph, self.prefix = view, view.graph, prefix
        self.program, self.number, self.way = program, digits + WHOLE, way

    def text(self) -> str:
        """Return boxes in their frames, then wires."""
        head = [
            "digraph circuit {",
            f"  graph [rankdir={self.way} pad=0.1 nodesep=0.16 ranksep=0.2]",
            f'  node [fontname="{FONT}" fontsize=14]',
            f'  edge [fontname="{FONT}" arrowsize=0.6]',
        ]
        frames: dict[str, list[str]] = {key: [] for key in self.view.clusters}
        free: list[str] = []
        for i, box in enumerate(self.view.boxes):
            frames.get(box.cluster, free).append(self._box(i, box))
        wires: list[str] = []
        for i, (_, source, target) in enumerate(self.view.wires):
            label, lines = self._wire(i, source, target)
            inside = self._shared_frame(source, target)
            frames.get(inside, free).append(label)
            wires += lines
        framed = [self._frame(key, lines) for key, lines in frames.items()]
        return "\n".join([*head, *free, *framed, *wires, "}", ""])

    def _shared_frame(self, source: int, target: int) -> str:
        first, second = (self.view.boxes[i].cluster for i in (source, target))
        return first if first == second else ""

    def _frame(self, key: str, lines: list[str]) -> str:
        title = escape(self.view.clusters[key])
        head = (
            f'subgraph cluster_{key} {{ id="{self.prefix}-{key}" class="frame" '
            f'label=<{title} ×> labeljust=l fontname="{FONT}" fontsize=12 margin=8'
        )
        return "\n".join(["  " + head, *lines, "  }"])

    # ---- boxes ----

    def _box(self, i: int, box: Box) -> str:
        return f'  n{i} [id="{self.prefix}-n{i}" class="{box.kind}" {self._look(box)}]'

    def _look(self, box: Box) -> str:
        if box.kind == "copy":
            return 'shape=circle width=0.13 fixedsize=true label=""'
        if box.kind == "layer":
            label = layer_html(self.graph, box)
            return f'shape=box style=rounded margin="0.16,0.09" label=<{label}>'
        if box.kind != "gate":
            name = escape(box.title or self._name(box.nodes[0]))
            size = 'width=0 height=0 margin="0.06,0.04"'
            return f"shape=plaintext label=<{name}> {size}"
        return self._gate(box.nodes[0])

    def _name(self, node: str) -> str:
        data = self.graph.nodes[node]
        return str(data["name"] or data["text"])

    def _gate(self, node: str) -> str:
        sign = gate_sign(self.graph, node).split("\n")
        single = len(sign) == 1 and len(sign[0]) == 1
        lines = "<br/>".join(map(escape, sign))
        label = f'label=<<font point-size="{18 if single else 14}">{lines}</font>>'
        symmetric = self.graph.nodes[node]["gate"] in SYMMETRIC
        order = "" if symmetric else " ordering=in"
        if len(sign) == 1 and len(sign[0]) <= 4:
            return f"{label} shape=circle width=0.58 fixedsize=true{order}"
        return f'{label} shape=ellipse margin="0.05,0.03"{order}'

    # ---- wires ----

    def _wire(self, i: int, source: int, target: int) -> tuple[str, list[str]]:
        """Return a wire's label and its two halves."""
        wire = self.view.wires[i][0]
        node = wire[0] if wire else self.graph.graph["output"]
        width, height = label_size(self.graph, node, self._title(node), self.number)
        if self.way == "TB":  # the numbers stand on either side of the wire
            width, height = 2 * width + 8, height / 2
        label = (
            f'  w{i} [id="{self.prefix}-w{i}" class="label" shape=box fixedsize=true'
            f' width={width / POINTS:.3f} height={height / POINTS:.3f} label=""]'
        )
        into, out = ("w", "e") if self.way == "LR" else ("n", "s")
        return label, [
            f"  n{source} -> w{i}:{into}"
            f' [id="{self.prefix}-w{i}-a" class="wire" arrowhead=none]',
            f'  w{i}:{out} -> n{target} [id="{self.prefix}-w{i}-b" class="wire"]',
        ]

    def _title(self, node: str) -> str:
        """Return what stands before a value: names of inputs stand at their boxes."""
        if self.graph.nodes[node]["gate"] in ("input", "number"):
            return ""
        return self.program.names[self.program.node_index[node]]


def layer_html(graph: Graph, box: Box) -> str:
    """Return a layer's text and its parameters with their shapes."""
    lines = [f"<b>{escape(box.title)}</b>"]
    for node in box.nodes:
        data = graph.nodes[node]
        if data["gate"] == "input" and data["role"] == "parameter":
            shown = f"{data['name']} {show_shape(data['shape'])}"
            lines.append(f'<font point-size="11">{escape(shown)}</font>')
    return "<br/>".join(lines)


def label_size(graph: Graph, node: str, title: str, number: int) -> tuple[float, float]:
    """Return width and height in points of the room for a wire's two texts.

    Parameters
    ----------
    number : int
        Characters of one number.
    """
    shape = graph.nodes[node]["shape"]
    head = LETTER * (len(title) + 3 * bool(title))
    if not shape:
        return head + DIGIT * number, 2 * LINE + 6
    head += LETTER * len(show_shape(shape))
    if not is_grid(shape):
        return max(head, LETTER * 2 * number), 4 * LINE + 6
    columns, rows = int(shape[-1]), 1 if len(shape) == 1 else int(shape[0])
    return max(head, DIGIT * number * columns), 2 * LINE * (rows + 1) + 6
