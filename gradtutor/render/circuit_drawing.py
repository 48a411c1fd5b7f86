"""The drawing of a circuit: a box a gate, both numbers on every wire.

Inputs stand left and the output right; a constant is drawn inside the gate it feeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from textwrap import wrap

import networkx as nx

from gradtutor.calculus.symbols import output_name
from gradtutor.evaluate import Trace
from gradtutor.evaluate.noise import without_noise
from gradtutor.gates import COPY, LEAVES
from gradtutor.graph import (
    Graph,
    Wire,
    has_network,
    network_of,
    origin,
    readers,
    topological_order,
)
from gradtutor.messages import tr
from gradtutor.render.drawing import (
    Drawing,
    DrawnBox,
    DrawnWire,
    Form,
    Line,
    PictureError,
)
from gradtutor.render.labels import (
    Symbols,
    WireTexts,
    folded_constant,
    gate_caption,
    gate_sign,
)
from gradtutor.render.ports import far_readers_named
from gradtutor.render.style import Style, elided

#: More gates than this are no picture any more, and take minutes to lay out.
MAX_NODES = 2000
CAPTION_WIDTH = 20  # characters of a caption's line
SHORT_SIGN = 4  # characters that fit into a circle
#: Gates whose inputs may be drawn in any order; the others keep theirs, top to bottom.
SYMMETRIC = {"add", "mul", "max", "min", COPY}
OUTPUT = "output"


def circuit_drawing(
    drawn: Trace | Graph, style: Style | None = None, symbols: Symbols | None = None
) -> Drawing:
    """Return the drawing of a circuit.

    Parameters
    ----------
    drawn : Trace or Graph
        A graph with its numbers, or a bare graph, whose wires show symbols only.
    symbols : mapping, optional
        Per node its value's text, per wire its gradient's, as ``wire_symbols`` gives.

    Raises
    ------
    PictureError
        When the graph has more than 2,000 nodes.
    """
    graph: Graph = drawn.graph if isinstance(drawn, Trace) else drawn
    check_size(graph)
    drawing = CircuitDrawing(drawn, style or Style(), symbols).drawing()
    return far_readers_named(drawing, graph)


def check_size(graph: Graph) -> None:
    """Refuse a graph of more than 2,000 nodes, before texts are made for it.

    Raises
    ------
    PictureError
        Saying how many there are.
    """
    if len(graph) > MAX_NODES:
        raise PictureError(
            tr(
                "{count:,} gates are too many for a picture (the limit is "
                "{limit:,}): draw a part of it",
                count=len(graph),
                limit=MAX_NODES,
            )
        )


def sign_form(sign: list[str]) -> Form:
    """Return a circle for a short sign, else a form that fits the text."""
    short = len(sign) == 1 and len(sign[0]) <= SHORT_SIGN
    return "circle" if short else "ellipse"


class CircuitDrawing:
    """Makes the boxes and wires of a circuit, a box a gate."""

    def __init__(
        self, drawn: Trace | Graph, style: Style, symbols: Symbols | None
    ) -> None:
        self.trace = without_noise(drawn) if isinstance(drawn, Trace) else None
        self.graph: Graph = drawn.graph if isinstance(drawn, Trace) else drawn
        self.style = style
        self.texts = WireTexts(self.graph, self.trace, style, symbols)

    @cached_property
    def order(self) -> list[str]:
        """The nodes that get a box, in topological order."""
        order = topological_order(self.graph)
        left_out = self.unread | self.lone
        return [
            node
            for node in order
            if not folded_constant(self.graph, node) and node not in left_out
        ]

    @cached_property
    def unread(self) -> set[str]:
        """The gates of a training's running means, which lead to no loss."""
        graph = self.graph
        if not has_network(graph) or not network_of(graph)["statistics"]:
            return set()
        output = graph.graph["output"]
        read: set[str] = nx.ancestors(graph, output) | {output}
        return set(graph) - read

    @cached_property
    def lone(self) -> set[str]:
        """The copies of which one reader is left: they are no fork."""
        return {
            node
            for node, data in self.graph.nodes(data=True)
            if data["gate"] == COPY
            and any(reader in self.unread for reader in self.graph.successors(node))
            and sum(to not in self.unread for _, to, _ in readers(self.graph, node)) < 2
        }

    @cached_property
    def ids(self) -> dict[str, str]:
        """The box of each node."""
        return {node: f"n{count}" for count, node in enumerate(self.order)}

    def drawing(self) -> Drawing:
        """Return boxes and wires in topological order."""
        boxes = [self.box(node) for node in self.order]
        end, wire = self.output()
        return Drawing(
            self.style.direction, (*boxes, end), (*map(self._wire, self._wires()), wire)
        )

    def _wires(self) -> list[Wire]:
        place = {node: count for count, node in enumerate(self.order)}
        found = [
            (place[target], position, source, target)
            for source, target, position in self.graph.edges(keys=True)
            if target in place and self._start(source) in place
        ]
        return [
            (source, target, position) for _, position, source, target in sorted(found)
        ]

    def _start(self, source: str) -> str:
        """Return the box that a wire leaves: before a copy that is no fork."""
        return origin(self.graph, source) if source in self.lone else source

    # ---- boxes ----

    def box(self, node: str) -> DrawnBox:
        """Return a node's box."""
        data = self.graph.nodes[node]
        tip = str(data["name"] or node)
        if data["gate"] in LEAVES:
            name = Line(str(data["name"] or data["text"]), "name")
            return DrawnBox(self.ids[node], "bare", (name,), tooltip=tip, node=node)
        if data["gate"] == COPY and not self.style.captions:
            return DrawnBox(self.ids[node], "dot", tooltip=tip, node=node)
        fault = self.is_fault(node)
        ordered = data["gate"] not in SYMMETRIC
        lines, form = tuple(self._lines(node)), self._form(node)
        place = self.ids[node]
        return DrawnBox(place, form, lines, ordered, fault, tip, node=node)

    def _form(self, node: str) -> Form:
        if self.style.captions and not self.is_fault(node):
            return "caption"
        form = sign_form(gate_sign(self.graph, node, fractions=True).split("\n"))
        return "ellipse" if self.is_fault(node) else form

    def _lines(self, node: str) -> Iterator[Line]:
        """Yield a gate's sign, the mark of the first nan, and its caption."""
        for text in gate_sign(self.graph, node, fractions=True).split("\n"):
            yield Line(text, "sign")
        if self.is_fault(node):
            yield self.fault_line(node)
        if self.style.captions:
            for text in wrap(gate_caption(self.trace, self.graph, node), CAPTION_WIDTH):
                yield Line(text, "caption")

    def is_fault(self, node: str) -> bool:
        """Whether the first nan or infinity came up here."""
        return self.trace is not None and self.trace.fault == node

    def fault_line(self, node: str) -> Line:
        """Return the mark of the first nan or infinity."""
        value = self.texts.value(node)
        lost = any("nan" in text for text in (value.number, *sum(value.rows, ())))
        return Line("first nan" if lost else "first ∞", "alarm")

    # ---- wires ----

    def _wire(self, wire: Wire) -> DrawnWire:
        source, target, position = self._start(wire[0]), self.ids[wire[1]], wire[2]
        source = self.ids[source]
        value, gradient = self.texts.value(wire[0]), self.texts.gradient(wire)
        name, carries = f"{source}_{target}_{position}", origin(self.graph, wire[0])
        return DrawnWire(
            name, source, target, value, gradient, carries=carries, wire=wire
        )

    def output(self) -> tuple[DrawnBox, DrawnWire]:
        """Return the output's name and the wire that leaves the circuit."""
        name = Line(elided(output_name(self.graph)), "name")
        output = self.graph.graph["output"]
        source, texts = self.ids[output], self.texts.output()
        wire = DrawnWire("n_output", source, OUTPUT, *texts, carries=output)
        return DrawnBox(OUTPUT, "bare", (name,)), wire
