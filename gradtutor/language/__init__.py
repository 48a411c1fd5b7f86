"""Text to graph: formulas and layer lists, read without evaluating anything."""

from __future__ import annotations

from collections.abc import Mapping

from gradtutor.gates import Shape
from gradtutor.graph import Graph
from gradtutor.language.errors import SourceError, SourceShapeError, near
from gradtutor.language.formula import parse_formula
from gradtutor.language.formula.unparse import expression_text, program_text
from gradtutor.language.network import is_network, parse_network
from gradtutor.language.program.notebook import notebook_text


def parse(text: str, shapes: Mapping[str, Shape] | None = None) -> Graph:
    r"""Read a formula or a layer list into a graph.

    >>> parse("x*y").graph["output"]
    'mul.2'
    >>> parse("Sequential([Input(2), Linear(1)])\nloss = MSELoss()").graph["output"]
    'loss'
    """
    return parse_network(text) if is_network(text) else parse_formula(text, shapes)


__all__ = [
    "SourceError",
    "SourceShapeError",
    "expression_text",
    "is_network",
    "near",
    "notebook_text",
    "parse",
    "parse_formula",
    "parse_network",
    "program_text",
]
