"""The Python interface: parse a text, then ask for values, gradients, pictures, checks.

>>> import gradtutor as gt
>>> circuit = gt.parse("(x+y)*z")
>>> circuit.gradients(x=-2, y=5, z=-4)
{'x': -4.0, 'y': -4.0, 'z': 3.0}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.calculus import backward_graph
from gradtutor.calculus.closed_form import derivative_text
from gradtutor.calculus.composites import close_gates, composites, open_gates
from gradtutor.calculus.forms import ShownForms
from gradtutor.calculus.stages import Way
from gradtutor.calculus.symbols import wire_symbols
from gradtutor.calculus.textbook import Textbook
from gradtutor.evaluate import MissingValueError, Trace, node_values, run
from gradtutor.evaluate.check import check_gradients
from gradtutor.evaluate.comparison import Comparison
from gradtutor.evaluate.point import check_names, check_wrt, random_point
from gradtutor.evaluate.verify import verify_derivative
from gradtutor.explain.records.derivation import derive
from gradtutor.explain.views.stages import stages
from gradtutor.gates import Shape
from gradtutor.graph import (
    Graph,
    ShapeError,
    from_json,
    inputs,
    is_class_label,
    to_json,
    with_shapes,
)
from gradtutor.language import parse as parse_graph
from gradtutor.render import (
    Drawing,
    PictureError,
    Style,
    check_size,
    circuit_drawing,
    dot_text,
    folded_note,
    is_folded,
    layers_drawing,
    render_bytes,
    write_bytes,
    write_page,
    write_picture,
)
from gradtutor.render.animation import animated_svg, gif_bytes, write_frames
from gradtutor.render.frames import frames

SHOWN = 70  # characters of a circuit's text


def parse(text: str, shapes: Mapping[str, Shape] | None = None) -> Circuit:
    """Read a formula or a layer list.

    Parameters
    ----------
    text : str
        For example ``"(x+y)*z"`` or ``"Sequential([Input(4), Linear(2)])..."``.
    shapes : mapping, optional
        Shapes of tensor inputs that the text does not declare.

    Raises
    ------
    gradtutor.SourceError
        With line, column and a caret at the mistake.
    """
    return Circuit(parse_graph(text, shapes))


@dataclass(frozen=True)
class Circuit:
    """A computation graph and what can be asked of it.

    Attributes
    ----------
    graph : networkx.MultiDiGraph
        The graph itself.
    ties : str
        The rule at kinks, one of ``gradtutor.gates.TIE_RULES``.
    """

    graph: Graph
    ties: str = "torch"

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs, in the order written."""
        return inputs(self.graph)

    @property
    def variables(self) -> list[str]:
        """Names of the inputs to differentiate by: all but class labels."""
        return [name for name in self.inputs if not is_class_label(self.graph, name)]

    # ---- numbers ----

    def trace(self, **at: ArrayLike) -> Trace:
        """Run forward and backward; the trace holds every wire's value and gradient."""
        check_names(self.graph, at)
        return run(self.graph, at, self.ties)

    def value(self, **at: ArrayLike) -> Any:
        """Return the output's value: a float, or an array for a tensor."""
        trace = self.trace(**at)
        return _plain(trace.values[trace.output])

    def gradients(self, **at: ArrayLike) -> dict[str, Any]:
        """Return the gradient of every input: a float, or an array of its shape."""
        gradients = self.trace(**at).input_gradients()
        return {name: _plain(value) for name, value in gradients.items()}

    def check(self, **at: ArrayLike) -> list[Comparison]:
        """Compare every gradient with finite differences, by default at random."""
        check_names(self.graph, at)
        given = {
            name: data
            for name, data in self.graph.nodes(data="value")
            if data is not None
        }
        return check_gradients(
            self.graph, random_point(self.graph, 0) | given | at, self.ties
        )

    # ---- symbols ----

    def diff(self, *wrt: str) -> str:
        """Return the derivative as text in the same language.

        Parameters
        ----------
        wrt : str
            Inputs to differentiate by, one after the other: ``diff("x", "x")`` is the
            second derivative. With a single input it may be left out.
        """
        found = self._derivative(wrt)
        return "0" if found is None else derivative_text(*found)

    def textbook(self, *wrt: str) -> Textbook | None:
        """Return the derivative as a textbook writes it; None without a closed form."""
        found = self._derivative(wrt)
        if found is None:
            return None
        graph, node = found
        return ShownForms(graph).form(node)

    def derivative(self, *wrt: str, at: Mapping[str, ArrayLike]) -> Any:
        """Return the value of the derivative that ``diff`` writes, by its own gates.

        A closed form may overflow where they do not: ``exp(-x)/(1 + exp(-x))**2``.
        """
        found = self._derivative(wrt)
        if found is None:
            return 0.0
        shapes = {name: np.shape(value) for name, value in at.items()}
        graph = with_shapes(found[0], shapes)
        return _plain(node_values(graph, at, [found[1]])[found[1]])

    def _derivative(self, wrt: tuple[str, ...]) -> tuple[Graph, str] | None:
        """Return a graph with the derivative's node; None where it is 0."""
        names = wrt or tuple(self.variables[:1])
        check_wrt(self.graph, names)
        graph, node = self.graph, self.graph.graph["output"]
        for name in names:
            backward = backward_graph(graph, node, [name], self.ties)
            if name not in backward.of_node:
                return None
            graph, node = backward.graph, backward.of_node[name]
        return graph, node

    def verify(self, wrt: str, derivative: str, seed: int = 0) -> bool | None:
        """Check a derivative's text against finite differences; None if undecidable."""
        return verify_derivative(self.graph, wrt, derivative, seed)

    # ---- forms ----

    def open(self, *names: str) -> Circuit:
        """Return the circuit with these composites, or all, drawn as their gates."""
        return Circuit(open_gates(self.graph, names or composites()), self.ties)

    def close(self) -> Circuit:
        """Return the circuit with 1/(1+exp(-x)) and its like as one gate."""
        return Circuit(close_gates(self.graph), self.ties)

    def to_json(self) -> str:
        """Write the graph as node-link JSON."""
        return to_json(self.graph)

    @staticmethod
    def from_json(text: str) -> Circuit:
        """Read what ``to_json`` wrote."""
        return Circuit(from_json(text))

    # ---- pictures ----

    def dot(self, style: Style | None = None, **at: ArrayLike) -> str:
        """Return the picture as DOT text; without values it shows symbols."""
        style = style or Style()
        return dot_text(self.drawing(style, **at), style.colours)

    def render(
        self, path: str | Path, style: Style | None = None, **at: ArrayLike
    ) -> list[str]:
        """Write the picture; the suffix says .svg, .png, .pdf, .dot, .tex or .html.

        Returns
        -------
        list of str
            Warnings, such as a font that the picture's format lacks, and notes, such
            as values drawn at random for a page.
        """
        if Path(path).suffix.lower() == ".html":
            return write_page(Path(path), self.graph, self.ties, style or Style(), at)
        style = style or Style()
        notes = [folded_note(self.graph)] if is_folded(self.graph, style) else []
        return notes + write_picture(Path(path), self.drawing(style, **at), style)

    def drawing(self, style: Style | None = None, **at: ArrayLike) -> Drawing:
        """Return the picture as data: boxes, wires and their numbers."""
        style = style or Style()
        valued = all(
            name in at or self.graph.nodes[name].get("value") is not None
            for name in self.inputs
        )
        if is_folded(self.graph, style):
            return layers_drawing(self.trace(**at) if valued else self.graph, style)
        check_size(self.graph)
        if valued:
            trace = self.trace(**at)
            symbols = (
                wire_symbols(self.graph, self.ties) if style.show != "values" else None
            )
            return circuit_drawing(trace, style, symbols)
        symbols = wire_symbols(self.graph, self.ties)
        return circuit_drawing(self.graph, replace(style, show="symbols"), symbols)

    def frames(
        self, style: Style | None = None, only: Way | None = None, **at: ArrayLike
    ) -> list[Drawing]:
        """Return the drawing after each step of the forward and the backward pass.

        Parameters
        ----------
        only : str, optional
            ``forward`` or ``backward``.

        Raises
        ------
        gradtutor.evaluate.MissingValueError
            When an input has no value.
        """
        style = replace(style or Style(), layers="open")
        found = derive(self.graph, ties=self.ties, point=at)
        steps = list(stages(found))
        return frames(self.graph, self.drawing(style, **at), steps, only)

    def render_frames(
        self,
        path: str | Path,
        style: Style | None = None,
        only: Way | None = None,
        **at: ArrayLike,
    ) -> list[str]:
        """Write the frames: a folder of pictures, a .gif, or an .svg that plays.

        Returns
        -------
        list of str
            What was written.
        """
        style = style or Style()
        drawings, path = self.frames(style, only, **at), Path(path)
        if path.suffix.lower() == ".gif":
            write_bytes(path, gif_bytes(drawings, style))
        elif path.suffix.lower() == ".svg":
            write_bytes(path, animated_svg(drawings, style))
        else:
            return [str(one) for one in write_frames(path, drawings, style)]
        return [str(path)]

    def __repr__(self) -> str:
        """Return the text that the circuit was read from, a long one cut."""
        text = self.graph.graph["source"]
        shown = repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
        return f"Circuit({shown})"

    def _repr_svg_(self) -> str | None:
        """Show the picture in a notebook; without shapes, or too large, the text."""
        try:
            return render_bytes(self.dot(), "svg").decode()
        except (ShapeError, MissingValueError, PictureError):
            return None


def _plain(value: np.ndarray) -> Any:
    return float(value) if np.ndim(value) == 0 else value
