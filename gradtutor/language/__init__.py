"""Text to graph: formulas and layer lists, read without evaluating anything."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gradtutor.gates import Shape
from gradtutor.graph import Graph
from gradtutor.language.errors import (
    SourceError,
    SourceShapeError,
    StoppedGradientError,
    near,
)
from gradtutor.language.formula import parse_formula
from gradtutor.language.formula.unparse import expression_text, program_text
from gradtutor.language.functions import has_functions, parse_function
from gradtutor.language.network import is_network, parse_network
from gradtutor.language.network.asked import asked_of
from gradtutor.language.program.notebook import notebook_text

#: What a program with layers has, beside an import of PyTorch.
LAYERS = re.compile(
    r"Sequential|\bnn\.(?!functional)|Module\b|keras|\bModel\(|MLP\w*er|needle"
)


def parse(text: str, shapes: Mapping[str, Shape] | None = None) -> Graph:
    r"""Read a formula or a layer list into a graph.

    >>> parse("x*y").graph["output"]
    'mul.2'
    >>> parse("Sequential([Input(2), Linear(1)])\nloss = MSELoss()").graph["output"]
    'loss'
    """
    if is_network(text):
        return _network_or_function(text)
    return parse_function(text) if has_functions(text) else parse_formula(text, shapes)


def _network_or_function(text: str) -> Graph:
    """Read a program's network; where it has none, its function; or the other way."""
    if not has_functions(text):
        return parse_network(text)
    layers = LAYERS.search(text) is not None
    try:
        return parse_network(text) if layers else parse_function(text)
    except StoppedGradientError:
        raise
    except SourceError as error:
        try:
            return parse_function(text) if layers else parse_network(text)
        except SourceError as other:
            raise (error if layers else other) from None


__all__ = [
    "SourceError",
    "SourceShapeError",
    "asked_of",
    "expression_text",
    "has_functions",
    "is_network",
    "near",
    "notebook_text",
    "parse",
    "parse_formula",
    "parse_function",
    "parse_network",
    "program_text",
]
