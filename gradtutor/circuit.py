"""The Python interface: parse a text, then ask for values, gradients, pictures, checks.

>>> import gradtutor as gt
>>> circuit = gt.parse("(x+y)*z")
>>> circuit.gradients(x=-2, y=5, z=-4)
{'x': -4.0, 'y': -4.0, 'z': 3.0}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradtutor.gates import Shape
from gradtutor.graph import from_json, to_json
from gradtutor.language import parse as parse_graph
from gradtutor.readings.pictures import Pictures


def parse(
    text: str, shapes: Mapping[str, Shape] | None = None, ties: str = "torch"
) -> Circuit:
    """Read a formula or a layer list.

    Parameters
    ----------
    text : str
        For example ``"(x+y)*z"`` or ``"Sequential([Input(4), Linear(2)])..."``.
    shapes : mapping, optional
        Shapes of tensor inputs that the text does not declare.
    ties : str
        The rule at kinks: ``torch``, ``left``, ``right`` or ``both``.

    Raises
    ------
    gradtutor.SourceError
        With line, column and a caret at the mistake.
    """
    return Circuit(parse_graph(text, shapes), ties)


@dataclass(frozen=True, repr=False)
class Circuit(Pictures):
    """A computation graph and what can be asked of it.

    Attributes
    ----------
    graph : networkx.MultiDiGraph
        The graph itself.
    ties : str
        The rule at kinks, one of ``gradtutor.gates.TIE_RULES``.
    point : mapping
        Values of inputs, set by ``at``; a method's own keywords come before them.
    """

    def to_json(self) -> str:
        """Write the graph as node-link JSON."""
        return to_json(self.graph)

    @staticmethod
    def from_json(text: str) -> Circuit:
        """Read what ``to_json`` wrote."""
        return Circuit(from_json(text))
