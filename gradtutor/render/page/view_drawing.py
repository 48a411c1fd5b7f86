"""A view of the page as DOT: ids and classes on every box and wire, room for numbers.

The numbers change in the page, so a wire's label is an empty box of the right size.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.gates import Dimension, show_shape
from gradtutor.graph import Graph
from gradtutor.render.circuit_drawing import SYMMETRIC, sign_form
from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire, Frame, Line, Room
from gradtutor.render.labels import gate_sign
from gradtutor.render.page.page_program import PageProgram
from gradtutor.render.page.views import Box, View
from gradtutor.render.placing.crossings import uncrossed
from gradtutor.render.style import SHOWN_ELEMENTS, THEMES
from gradtutor.render.writers.dot import dot_text
from gradtutor.render.writers.look import PAGE_LOOK

#: Of the labels' font at 13 points: the width of a digit and of a letter, on average
#: with the narrow marks between them, and the height of a line.
DIGIT, LETTER, LINE = 7.0, 6.3, 16.0
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
    drawing = _ViewDrawing(view, program, f"v{place}", digits, way).drawing()
    colours = THEMES["light"]
    return dot_text(uncrossed(drawing, colours, PAGE_LOOK), colours, PAGE_LOOK)


def is_grid(shape: tuple[Dimension, ...]) -> bool:
    """Whether a tensor is small enough for all its numbers to be shown."""
    count = 1
    for size in shape:
        count *= size if isinstance(size, int) else SHOWN_ELEMENTS + 1
    return 1 <= len(shape) <= 2 and 0 < count <= SHOWN_ELEMENTS


class _ViewDrawing:
    def __init__(
        self, view: View, program: PageProgram, prefix: str, digits: int, way: str
    ) -> None:
        self.view, self.graph, self.prefix = view, view.graph, prefix
        self.program, self.number, self.way = program, digits + WHOLE, way

    def drawing(self) -> Drawing:
        """Return boxes, wires, and frames round what is open."""
        view = self.view
        boxes = tuple(self._box(i, box) for i, box in enumerate(view.boxes))
        wires = tuple(
            self._wire(i, source, target)
            for i, (_, source, target) in enumerate(view.wires)
        )
        frames = tuple(
            Frame(key, title, tuple(self._members(key)))
            for key, title in view.clusters.items()
        )
        return Drawing(self.way, boxes, wires, frames, self.prefix)

    def _members(self, key: str) -> Iterator[str]:
        """Yield the boxes in a frame, and the labels of the wires between them."""
        inside = [box.cluster == key for box in self.view.boxes]
        yield from (f"n{i}" for i, one in enumerate(inside) if one)
        for i, (_, source, target) in enumerate(self.view.wires):
            if inside[source] and inside[target]:
                yield f"w{i}"

    # ---- boxes ----

    def _box(self, i: int, box: Box) -> DrawnBox:
        if box.kind == "copy":
            return DrawnBox(f"n{i}", "dot", kind=box.kind)
        if box.kind == "layer":
            lines = tuple(layer_lines(self.graph, box))
            return DrawnBox(f"n{i}", "layer", lines, kind=box.kind)
        if box.kind != "gate":
            name = Line(box.title or self._name(box.nodes[0]), "name")
            return DrawnBox(f"n{i}", "bare", (name,), kind=box.kind)
        return self._gate(f"n{i}", box.nodes[0])

    def _name(self, node: str) -> str:
        data = self.graph.nodes[node]
        return str(data["name"] or data["text"])

    def _gate(self, name: str, node: str) -> DrawnBox:
        sign = gate_sign(self.graph, node).split("\n")
        lines = tuple(Line(text, "sign") for text in sign)
        ordered = self.graph.nodes[node]["gate"] not in SYMMETRIC
        return DrawnBox(name, sign_form(sign), lines, ordered, kind="gate")

    # ---- wires ----

    def _wire(self, i: int, source: int, target: int) -> DrawnWire:
        wire = self.view.wires[i][0]
        node = wire[0] if wire else self.graph.graph["output"]
        width, height = label_size(self.graph, node, self._title(node), self.number)
        if self.way == "TB":  # the numbers stand on either side of the wire
            width, height = 2 * width + 8, height / 2
        room = Room(width, height)
        return DrawnWire(f"w{i}", f"n{source}", f"n{target}", room=room)

    def _title(self, node: str) -> str:
        """Return what stands before a value: names of inputs stand at their boxes."""
        if self.graph.nodes[node]["gate"] in ("input", "number"):
            return ""
        return self.program.names[self.program.node_index[node]]


def layer_lines(graph: Graph, box: Box) -> Iterator[Line]:
    """Yield a layer's title and its parameters with their shapes."""
    yield Line(box.title, "title")
    for node in box.nodes:
        data = graph.nodes[node]
        if data["gate"] == "input" and data["role"] in ("parameter", "frozen"):
            yield Line(f"{data['name']} {show_shape(data['shape'])}", "detail")


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
