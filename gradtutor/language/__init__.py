"""Text to graph: formulas and layer lists, read without evaluating anything."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradtutor.gates import Shape
from gradtutor.graph import Graph
from gradtutor.language.errors import (
    SourceError,
    SourceShapeError,
    near,
)
from gradtutor.language.formula import parse_formula
from gradtutor.language.formula.unparse import expression_text, program_text
from gradtutor.language.kinds import (
    has_functions,
    has_layers,
    is_array_network,
    is_network,
)

if TYPE_CHECKING:
    from gradtutor.language.functions import parse_function
    from gradtutor.language.network import parse_network
    from gradtutor.language.network.asked import asked_of
    from gradtutor.language.program.notebook import notebook_text

#: What formulas do without is imported where it is first asked for.
LATER = {
    "asked_of": "network.asked",
    "notebook_text": "program.notebook",
    "parse_function": "functions",
    "parse_network": "network",
}


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{LATER[name]}"), name)


def parse(text: str, shapes: Mapping[str, Shape] | None = None) -> Graph:
    r"""Read a formula or a layer list into a graph.

    >>> parse("x*y").graph["output"]
    'mul.2'
    >>> parse("Sequential([Input(2), Linear(1)])\nloss = MSELoss()").graph["output"]
    'loss'
    """
    if is_network(text):
        return _network_or_function(text)
    if has_functions(text):
        from gradtutor.language.functions import parse_function

        return parse_function(text)
    return parse_formula(text, shapes)


def _network_or_function(text: str) -> Graph:
    """Read a program's network; where it has none, its function; or the other way."""
    from gradtutor.language.functions import parse_function
    from gradtutor.language.network import parse_network

    if not has_functions(text):
        return parse_network(text)
    layers = has_layers(text) or is_array_network(text)
    try:
        return parse_network(text) if layers else parse_function(text)
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
    "is_array_network",
    "is_network",
    "near",
    "notebook_text",
    "parse",
    "parse_formula",
    "parse_function",
    "parse_network",
    "program_text",
]
