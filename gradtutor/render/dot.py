"""The picture as DOT text: the same bytes on every run.

Inputs stand left and the output right; on every wire the value stands above in green,
the gradient below in red and italic, so that they differ without colour too.
"""

from __future__ import annotations

from html import escape
from textwrap import wrap

from gradtutor.calculus.symbols import output_name
from gradtutor.evaluate import Trace
from gradtutor.gates import COPY
from gradtutor.graph import Graph, Wire, topological_order
from gradtutor.render.labels import (
    Symbols,
    WireTexts,
    folded_number,
    gate_caption,
    gate_sign,
    slanted,
)
from gradtutor.render.style import Style, elided

FONT = "Helvetica"
#: More gates than this are no picture any more, and take minutes to lay out.
MAX_NODES = 2000
CAPTION_WIDTH = 20  # characters of a caption's line
#: Gates whose inputs may be drawn in any order; the others keep theirs, top to bottom.
SYMMETRIC = {"add", "mul", "max", "min", COPY}


class PictureError(ValueError):
    """A picture that cannot be drawn or written."""


def dot_source(
    drawn: Trace | Graph, style: Style | None = None, symbols: Symbols | None = None
) -> str:
    """Return the DOT text of a circuit.

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
    check_size(drawn.graph if isinstance(drawn, Trace) else drawn)
    return Picture(drawn, style or Style(), symbols).text()


def check_size(graph: Graph) -> None:
    """Refuse a graph of more than 2,000 nodes, before texts are made for it.

    Raises
    ------
    PictureError
        Saying how many there are.
    """
    if len(graph) > MAX_NODES:
        raise PictureError(
            f"{len(graph):,} gates are too many for a picture "
            f"(the limit is {MAX_NODES:,}): draw a part of it"
        )


class Picture:
    """Writes the DOT text of a circuit, a node a gate."""

    def __init__(
        self, drawn: Trace | Graph, style: Style, symbols: Symbols | None
    ) -> None:
        self.trace = drawn if isinstance(drawn, Trace) else None
        self.graph: Graph = drawn.graph if isinstance(drawn, Trace) else drawn
        self.style, self.colours = style, style.colours
        self.texts = WireTexts(self.graph, self.trace, style, symbols)
        order = topological_order(self.graph)
        self.order = [node for node in order if not folded_number(self.graph, node)]
        self.ids = {node: f"n{count}" for count, node in enumerate(self.order)}

    def text(self) -> str:
        """Return nodes, then wires, in topological order."""
        lines = [*self._head()]
        lines += [self._node(node) for node in self.order]
        wires = sorted(
            (self.order.index(target), position, source, target)
            for source, target, position in self.graph.edges(keys=True)
            if source in self.ids
        )
        for _, position, source, target in wires:
            lines += self._wire((source, target, position))
        lines += self._output()
        return "\n".join([*lines, "}", ""])

    def _head(self) -> list[str]:
        c = self.colours
        return [
            "digraph circuit {",
            f'  graph [rankdir={self.style.direction} bgcolor="{c.paper}" pad=0.2'
            " nodesep=0.22 ranksep=0.22]",
            f'  node [fontname="{FONT}" fontsize=14 fontcolor="{c.ink}"'
            f' color="{c.ink}" style=filled fillcolor="{c.gate}"]',
            f'  edge [fontname="{FONT}" color="{c.ink}" arrowsize=0.6]',
        ]

    # ---- nodes ----

    def _node(self, node: str) -> str:
        data = self.graph.nodes[node]
        if data["gate"] in ("input", "number"):
            return self._declare(
                node, escape(data["name"] or data["text"]), self._bare()
            )
        if data["gate"] == COPY and not self.style.captions:
            dot = 'shape=circle width=0.1 fixedsize=true label=""'
            return self._declare(node, "", f'{dot} fillcolor="{self.colours.ink}"')
        sign = gate_sign(self.graph, node).split("\n")
        return self._declare(node, self._label(node, sign), self._shape(node, sign))

    def _bare(self) -> str:
        """Return the attributes of a name without a frame."""
        paper = self.colours.paper
        return (
            f'shape=plaintext fillcolor="{paper}" width=0 height=0 margin="0.08,0.05"'
        )

    def _label(self, node: str, sign: list[str]) -> str:
        """Return a gate's sign, its caption, and the mark of the first nan."""
        size = 18 if len(sign) == 1 and len(sign[0]) == 1 else 14
        lines = "<br/>".join(map(escape, sign))
        label = f'<font point-size="{size}">{lines}</font>'
        if self._is_fault(node):
            label += self._first_fault(node)
        if self.style.captions:
            caption = gate_caption(self.trace, self.graph, node)
            words = wrap(caption, CAPTION_WIDTH)
            label += "".join(self._small(line, self.colours.faint) for line in words)
        return label

    def _first_fault(self, node: str) -> str:
        value = "nan" if "nan" in self.texts.value(node) else "∞"
        return self._small(f"first {value}", self.colours.alarm)

    def _small(self, text: str, colour: str) -> str:
        return f'<br/><font color="{colour}" point-size="10">{escape(text)}</font>'

    def _shape(self, node: str, sign: list[str]) -> str:
        """Return a circle for a short sign, else a form that fits the text."""
        argument_order = "" if self._is_symmetric(node) else " ordering=in"
        if self._is_fault(node):
            alarm = self.colours.alarm
            shape = f'shape=ellipse penwidth=4 color="{alarm}" margin="0.04,0.02"'
        elif self.style.captions:
            shape = 'shape=box style="rounded,filled" margin="0.08,0.05"'
        elif len(sign) == 1 and len(sign[0]) <= 4:
            shape = "shape=circle width=0.55 fixedsize=true"
        else:
            shape = 'shape=ellipse margin="0.04,0.02"'
        return shape + argument_order

    def _is_fault(self, node: str) -> bool:
        return self.trace is not None and self.trace.fault == node

    def _is_symmetric(self, node: str) -> bool:
        return self.graph.nodes[node]["gate"] in SYMMETRIC

    def _declare(self, node: str, label: str, attributes: str) -> str:
        shown = f"label=<{label}> " if label else ""
        tip = escape(self.graph.nodes[node]["name"] or node, quote=True)
        return f'  {self.ids[node]} [{shown}{attributes} tooltip="{tip}"]'

    # ---- wires ----

    def _wire(self, wire: Wire) -> list[str]:
        source, target, position = wire
        label = f"{self.ids[source]}_{self.ids[target]}_{position}"
        above, below = self.texts.value(source), self.texts.gradient(wire)
        return self._labelled(label, self.ids[source], self.ids[target], above, below)

    def _labelled(
        self, label: str, source: str, target: str, above: str, below: str
    ) -> list[str]:
        """Return a wire in two halves, its numbers on a small table between them."""
        into, out = ("w", "e") if self.style.direction == "LR" else ("n", "s")
        plain = f'shape=plain style="" label=<{self._table(above, below)}>'
        return [
            f"  {label} [{plain}]",
            f"  {source} -> {label}:{into} [arrowhead=none]",
            f"  {label}:{out} -> {target}",
        ]

    def _table(self, above: str, below: str) -> str:
        c = self.colours
        value = f'<td><font color="{c.value}">{above or " "}</font></td>'
        gradient = f'<td><font color="{c.gradient}">{slanted(below)}</font></td>'
        frame = (
            '<table border="0" cellborder="0" cellspacing="0" cellpadding="2"'
            f' color="{c.ink}">'
        )
        if self.style.direction == "LR":
            return f"{frame}<tr>{value}</tr><HR/><tr>{gradient}</tr></table>"
        return f"{frame}<tr>{value}<VR/>{gradient}</tr></table>"

    def _output(self) -> list[str]:
        """Return the wire that leaves the circuit, and the output's name at its end."""
        name = output_name(self.graph)
        end = f"  output [label=<{escape(elided(name))}> {self._bare()}]"
        source = self.ids[self.graph.graph["output"]]
        return [
            end,
            *self._labelled("n_output", source, "output", *self.texts.output()),
        ]
