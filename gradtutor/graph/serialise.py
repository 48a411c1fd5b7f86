"""A graph as JSON (networkx's node-link form), and back without loss.

>>> from gradtutor.graph import add_input, new_graph
>>> graph = new_graph("x")
>>> graph.graph["output"] = add_input(graph, "x", ("N", 3))
>>> from_json(to_json(graph)).nodes["x"]["shape"]
('N', 3)
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import networkx as nx

from gradtutor.graph.build import Graph
from gradtutor.graph.check import GraphError, check_graph

SCHEMA = 1


def json_number(value: float) -> float | str:
    """Return a number that JSON can hold: nan and infinities become strings."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def to_json(graph: Graph) -> str:
    """Write the graph as node-link JSON."""
    data = nx.node_link_data(graph, edges="edges")
    for node in data["nodes"]:
        if "value" in node:
            node["value"] = _each(json_number, node["value"])
    return json.dumps({"schema": SCHEMA, **data}, ensure_ascii=False)


def from_json(text: str) -> Graph:
    """Read a graph that ``to_json`` wrote.

    Raises
    ------
    GraphError
        When the text is no such JSON, or the graph breaks an invariant.
    """
    try:
        data = json.loads(text)
        graph = nx.node_link_graph(data, edges="edges", multigraph=True, directed=True)
        for _, attributes in graph.nodes(data=True):
            for key, value in attributes.items():
                attributes[key] = (
                    _each(float, value) if key == "value" else _tuples(value)
                )
        check_graph(graph)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise GraphError(f"this is not a graph that to_json wrote: {error}") from None
    return graph


def _each(convert: Callable[[Any], Any], value: Any) -> Any:
    """Convert a number, or each number in nested lists."""
    if isinstance(value, list):
        return [_each(convert, item) for item in value]
    return convert(value)


def _tuples(value: Any) -> Any:
    """JSON has only lists; shapes, spans and axes are tuples."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
