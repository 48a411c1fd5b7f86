"""A network's picture with one box a layer, which stays readable when it is deep."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import networkx as nx

from gradtutor.evaluate import Trace
from gradtutor.graph import Graph, Wire, has_network, origin
from gradtutor.messages import tr
from gradtutor.render.circuit_drawing import CircuitDrawing
from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire
from gradtutor.render.labels import Symbols
from gradtutor.render.page.layer_views import groups_of
from gradtutor.render.page.view_drawing import layer_lines
from gradtutor.render.page.views import Box, View, closed_view
from gradtutor.render.picture_symbols import named_symbols
from gradtutor.render.ports import far_readers_named
from gradtutor.render.style import Style

#: Gates one after the other; a longer network is drawn by its layers.
LONGEST_PATH = 8


def is_folded(graph: Graph, style: Style) -> bool:
    """Whether a picture has a box for each layer: as asked, else of a deep network.

    A formula of many gates is drawn by its named values.
    """
    if style.layers == "open":
        return False
    if not has_network(graph):
        return bool(groups_of(graph))
    return style.layers == "closed" or _depth(graph) > LONGEST_PATH


def _depth(graph: Graph) -> int:
    depth: int = nx.dag_longest_path_length(nx.DiGraph(graph))
    return depth


def layers_drawing(drawn: Trace | Graph, style: Style) -> Drawing:
    """Return the drawing of a network, a layer a box.

    Wires show values and gradients where there are numbers, else names and shapes.
    """
    if not isinstance(drawn, Trace):
        style = replace(style, show="symbols")
    drawing = _LayersDrawing(drawn, style, _symbols(drawn, style)).drawing()
    graph = drawn.graph if isinstance(drawn, Trace) else drawn
    return far_readers_named(drawing, graph)


def folded_note(graph: Graph) -> str:
    """Say that layers were drawn for gates, and how to see the gates."""
    if not has_network(graph):
        return tr(
            "one box a named value: --open layers draws all {count} gates",
            count=len(graph),
        )
    return tr(
        "one box a layer: --open layers draws all {count} gates", count=len(graph)
    )


def _symbols(drawn: Trace | Graph, style: Style) -> Symbols:
    """Name each value, with its shape where no number stands beside it."""
    graph = drawn.graph if isinstance(drawn, Trace) else drawn
    bare = not isinstance(drawn, Trace) or style.show == "symbols"
    return named_symbols(graph, shapes=bare)


class _LayersDrawing(CircuitDrawing):
    """Makes boxes and wires of a view, whose layers are closed."""

    @cached_property
    def view(self) -> View:
        """What is drawn: every layer closed."""
        return closed_view(self.graph)

    @cached_property
    def ids(self) -> dict[str, str]:
        """The box of each node: its layer's."""
        boxes = self.view.boxes[:-1]
        return {node: f"n{i}" for i, box in enumerate(boxes) for node in box.nodes}

    def drawing(self) -> Drawing:
        """Return boxes and wires in the view's order."""
        boxes = [self._boxed(i, box) for i, box in enumerate(self.view.boxes[:-1])]
        end, wire = self.output()
        wires = [self._bundled(i, *one) for i, one in enumerate(self._bundles())]
        return Drawing(self.style.direction, (*boxes, end), (*wires, wire))

    def _bundles(self) -> list[tuple[str, int, int, list[Wire]]]:
        """Group the wires that bring one value from box to box: each is drawn once."""
        found: dict[tuple[str, int, int], list[Wire]] = {}
        for wire, source, target in self.view.wires:
            if wire is not None:
                value = origin(self.graph, wire[0])
                found.setdefault((value, source, target), []).append(wire)
        return [(*key, wires) for key, wires in found.items()]

    def _bundled(
        self, i: int, value: str, source: int, target: int, wires: list[Wire]
    ) -> DrawnWire:
        whole = len(wires) == self.graph.out_degree(wires[0][0])
        gradient = self.texts.bundle(wires, "" if whole else "part of ")
        ends = f"n{source}", f"n{target}"
        texts = self.texts.value(value), gradient
        return DrawnWire(f"w{i}", *ends, *texts, carries=value)

    def _boxed(self, i: int, box: Box) -> DrawnBox:
        if box.kind != "layer":
            return self.box(box.nodes[0])
        faults = [self.fault_line(node) for node in box.nodes if self.is_fault(node)]
        lines = (*layer_lines(self.graph, box), *faults)
        return DrawnBox(f"n{i}", "layer", lines, alarm=bool(faults))
