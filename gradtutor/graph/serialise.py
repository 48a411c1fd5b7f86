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

from gradtutor.gates import COPY, LEAVES
from gradtutor.graph.build import Graph, operands
from gradtutor.graph.check import check_graph
from gradtutor.graph.forms import GraphError, refuse
from gradtutor.graph.order import inputs, topological_order
from gradtutor.graph.schema import DOCUMENT, FACTS, node_attributes
from gradtutor.messages import tr

SCHEMA = 1


def json_number(value: float) -> float | str:
    """Return a number that JSON can hold: nan and infinities become strings."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def to_json(graph: Graph) -> str:
    """Write the graph as node-link JSON.

    How its text was read, and the settings beside it, are no part of the graph.
    """
    data = nx.node_link_data(graph, edges="edges")
    facts = data["graph"].items()
    data["graph"] = {key: value for key, value in facts if key in FACTS.entries}
    for node in data["nodes"]:
        if "value" in node:
            node["value"] = _each(json_number, node["value"])
        if "value" in node.get("attrs", {}):  # of a pad: -inf for a maximum
            node["attrs"] = node["attrs"] | {
                "value": json_number(node["attrs"]["value"])
            }
    return json.dumps({"schema": SCHEMA, **data}, ensure_ascii=False)


def from_json(text: str) -> Graph:
    """Read a graph that ``to_json`` wrote; nothing in it is trusted.

    Raises
    ------
    GraphError
        When the text is no JSON, or says what no graph can be, with the path of it,
        such as ``nodes[3].attrs.axis``; or when the graph breaks an invariant.
    """
    try:
        data = json.loads(text)
    except ValueError as error:  # a number of 5,000 digits, too
        raise GraphError(tr("this is no JSON: {error}", error=error)) from None
    except RecursionError:
        raise GraphError(tr("this is no graph: it nests too deep")) from None
    data = DOCUMENT(data, "")
    if data["schema"] != SCHEMA:
        raise GraphError(
            tr(
                "schema {given} is not known here, but {schema} is",
                given=data["schema"],
                schema=SCHEMA,
            )
        )
    graph = nx.MultiDiGraph(**data["graph"])
    _read_nodes(graph, data["nodes"])
    _read_wires(graph, data["edges"])
    check_graph(graph)
    _check_order(graph)
    _check_network(graph)
    return graph


def _check_order(graph: Graph) -> None:
    """Every gate stands after its arguments; a copy gate may stand anywhere."""
    places = {node: number for number, node in enumerate(graph)}
    for node, number in places.items():
        late = [one for one in operands(graph, node) if places[one] > number]
        if late and graph.nodes[node]["gate"] != COPY:
            raise GraphError(
                tr(
                    "nodes[{number}]: {node} stands before {late}",
                    number=number,
                    node=node,
                    late=late[0],
                )
            )


def _check_network(graph: Graph) -> None:
    """Check what a network's facts name, its shapes and its parameters."""
    facts = graph.graph.get("network")
    if facts is None:
        return
    for node in (facts["prediction"], *facts["statistics"], *facts["momentum"]):
        if node not in graph or graph.nodes[node]["gate"] == COPY:
            raise refuse(node, "graph.network", tr("a node"))
    for number, (node, shape) in enumerate(graph.nodes(data="shape")):
        if shape is None:
            raise GraphError(
                tr(
                    "nodes[{number}].shape: that of {node} is not known",
                    number=number,
                    node=node,
                )
            )
    output = graph.graph["output"]
    if graph.nodes[output]["gate"] in LEAVES or graph.nodes[output]["shape"] != ():
        raise refuse(output, "graph.output", tr("a loss: a gate that gives one number"))
    needed = set(topological_order(graph, [output]))
    for node in inputs(graph, "parameter"):
        if node not in needed:
            raise GraphError(
                tr("{node} is a parameter that the loss does not read", node=node)
            )


def _read_nodes(graph: Graph, nodes: list[Any]) -> None:
    """Add the nodes; a name or id stands once, a span lies in the source."""
    names: set[str] = set()
    length = len(graph.graph["source"])
    for number, given in enumerate(nodes):
        path = f"nodes[{number}]"
        data = node_attributes(given, path)
        node, name, span = data.pop("id"), data["name"], data["span"]
        if node in graph or name in names:
            raise GraphError(
                tr(
                    "{path}: there is another node {name}",
                    path=path,
                    name=name or node,
                )
            )
        if span is not None and not span[0] <= span[1] <= length:
            raise refuse(
                list(span),
                f"{path}.span",
                tr("a place in {length} characters", length=length),
            )
        names |= {name} if name else set()
        graph.add_node(node, **data)


def _read_wires(graph: Graph, wires: list[dict[str, Any]]) -> None:
    for number, wire in enumerate(wires):
        path = f"edges[{number}]"
        for end in ("source", "target"):
            if wire[end] not in graph:
                raise refuse(wire[end], f"{path}.{end}", tr("a node"))
        if graph.has_edge(wire["source"], wire["target"], wire["key"]):
            raise GraphError(tr("{path}: there is another wire like it", path=path))
        graph.add_edge(wire["source"], wire["target"], wire["key"])


def _each(convert: Callable[[Any], Any], value: Any) -> Any:
    """Convert a number, or each number in nested lists."""
    if isinstance(value, list):
        return [_each(convert, item) for item in value]
    return convert(value)
