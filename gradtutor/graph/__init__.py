"""The computation graph: a networkx.MultiDiGraph, keyed by argument position."""

from gradtutor.graph.build import (
    Graph,
    NodeData,
    Span,
    Wire,
    add_gate,
    add_input,
    add_number,
    arguments,
    become_gate,
    copied,
    new_graph,
    node_data,
    node_gate,
    node_shape,
    operands,
    origin,
    paused_collector,
    place_gate,
    readers,
)
from gradtutor.graph.check import check_graph
from gradtutor.graph.forms import GraphError
from gradtutor.graph.network import NetworkFacts, has_network, network_of
from gradtutor.graph.order import dependents, inputs, topological_order, weights
from gradtutor.graph.outline import outline
from gradtutor.graph.roles import is_class_label, is_index, mark_labels
from gradtutor.graph.serialise import SCHEMA, from_json, json_number, to_json
from gradtutor.graph.shapes import ShapeError, with_shapes

__all__ = [
    "SCHEMA",
    "Graph",
    "GraphError",
    "NetworkFacts",
    "NodeData",
    "ShapeError",
    "Span",
    "Wire",
    "add_gate",
    "add_input",
    "add_number",
    "arguments",
    "become_gate",
    "check_graph",
    "copied",
    "dependents",
    "from_json",
    "has_network",
    "inputs",
    "is_class_label",
    "is_index",
    "json_number",
    "mark_labels",
    "network_of",
    "new_graph",
    "node_data",
    "node_gate",
    "node_shape",
    "operands",
    "origin",
    "outline",
    "paused_collector",
    "place_gate",
    "readers",
    "to_json",
    "topological_order",
    "weights",
    "with_shapes",
]
