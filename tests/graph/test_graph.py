"""The graph: invariants, JSON without loss, one order on every run, copies at forks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest

from gradtutor.calculus import backward_graph
from gradtutor.evaluate import run
from gradtutor.gates import COPY, ShapeMismatchError
from gradtutor.graph import (
    GraphError,
    ShapeError,
    add_gate,
    add_input,
    add_number,
    arguments,
    check_graph,
    dependents,
    from_json,
    inputs,
    new_graph,
    operands,
    origin,
    readers,
    to_json,
    topological_order,
    with_shapes,
)
from gradtutor.language import parse_formula

TEXTS = [
    "x",
    "2",
    "x*x",
    "q = x + y\nf = q*z",
    "max(x, y, z) + x^2 - x/y",
    "x = x*sin(x)\n" * 6,
    "α = 2\nβ: ()\nγ = α*β^2 + π\nγ*γ",
    "W = [[1, 2], [3, -4]]\nx = [1, 0.5]\nz = W@x\nsum(softmax(z)*z, axis=-1)",
    "x: (3, 4)\ny: (3,)\nW: (4, 5)\nloss = cross_entropy(relu(x@W), y)",
    "x: (N, 3)\nb: (3,)\nmean(amax(x + b, axis=(0, 1), keepdims=True))",
    "x: (2, 3, 4)\nsum(x, axis=(0, -1)) if mean(x) > 0 else logsumexp(x, axis=(0, 2))",
    "leaky_relu(x) + leaky_relu(x, 0.2)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_every_graph_and_its_backward_graph_keep_the_invariants(text):
    graph = parse_formula(text)
    check_graph(graph)
    backward = backward_graph(graph)
    check_graph(backward.graph)
    for node in backward.graph:
        if backward.graph.nodes[node]["gate"] != COPY:
            assert len(readers(backward.graph, node)) <= 1, node


@pytest.mark.parametrize("text", TEXTS)
def test_the_backward_graph_leaves_the_forward_graph_as_it_was(text):
    graph = parse_formula(text)
    before = to_json(graph)
    backward = backward_graph(graph)
    assert to_json(graph) == before
    for node, data in graph.nodes(data=True):
        assert backward.graph.nodes[node] == data


# ---- copies ----


def test_a_value_used_once_has_no_copy_gate():
    graph = parse_formula("x*y + z")
    assert not [n for n, d in graph.nodes(data=True) if d["gate"] == COPY]


def test_a_value_used_three_times_has_one_copy_gate():
    graph = parse_formula("x*x + x")
    assert [n for n, d in graph.nodes(data=True) if d["gate"] == COPY] == ["x.copy"]
    assert graph.out_degree("x.copy") == 3
    assert origin(graph, "x.copy") == "x"
    mul = next(n for n, d in graph.nodes(data=True) if d["gate"] == "mul")
    assert arguments(graph, mul) == ["x.copy", "x.copy"]
    assert operands(graph, mul) == ["x", "x"]


def test_arguments_keep_their_order_whatever_the_order_of_building():
    graph = new_graph()
    y, x = add_input(graph, "y"), add_input(graph, "x")
    assert arguments(graph, add_gate(graph, "sub", x, y)) == ["x", "y"]
    graph.graph["output"] = add_gate(graph, "where", x, y, x)
    assert operands(graph, graph.graph["output"]) == ["x", "y", "x"]
    check_graph(graph)


# ---- invariants: break each one and see it told ----


def cycle(graph):
    graph.remove_edge("x", "q", 0)
    graph.add_edge("f", "q", 0)


def second_reader(graph):
    graph.remove_edge("z", "f", 1)
    graph.add_edge("q", "f", 1)


BREAKS = [
    ("a cycle", cycle, "cycle"),
    ("a hole in the positions", lambda g: move(g, "z", "f", 1, 2), "positions"),
    ("two wires at one position", lambda g: move(g, "z", "f", 1, 0), "positions"),
    ("a missing argument", lambda g: g.remove_edge("z", "f", 1), "1 arguments"),
    ("an argument too many", lambda g: g.add_edge("w", "f", 2), "3 arguments"),
    ("a fork without a copy gate", second_reader, "without a copy gate"),
    ("an input with an argument", lambda g: g.add_edge("w", "x", 0), "input has 1"),
    ("an unknown gate", lambda g: g.nodes["q"].update(gate="plus"), "no gate 'plus'"),
    (
        "a gate by its alias",
        lambda g: g.nodes["q"].update(gate="silu"),
        "no gate 'silu'",
    ),
    ("a wrong shape", lambda g: g.nodes["f"].update(shape=(3,)), "should be ()"),
    ("shapes that do not fit", lambda g: tensors(g), "do not broadcast"),
    ("no output", lambda g: g.graph.update(output=None), "output None"),
    ("an output elsewhere", lambda g: g.graph.update(output="h"), "output 'h'"),
    (
        "program text as an attribute",
        lambda g: g.nodes["q"].update(attrs={"axis": "__import__('os')"}),
        "no attribute",
    ),
    (
        "program text inside a tuple",
        lambda g: g.nodes["q"].update(attrs={"axis": (0, "exit()")}),
        "no attribute",
    ),
]


def move(graph, source, target, old, new):
    graph.remove_edge(source, target, old)
    graph.add_edge(source, target, new)


def tensors(graph):
    graph.nodes["x"]["shape"] = (3,)
    graph.nodes["y"]["shape"] = (4,)


@pytest.mark.parametrize("name, damage, words", BREAKS, ids=[row[0] for row in BREAKS])
def test_a_broken_graph_is_told(name, damage, words):
    graph = parse_formula("q = x + y\nf = q*z\nw = 2\nf*1")
    graph.graph["output"] = "f"
    check_graph(graph)
    damage(graph)
    with pytest.raises(GraphError) as caught:
        check_graph(graph)
    assert words in str(caught.value)


# ---- JSON ----


def contents(graph):
    """All there is in a graph, orders included."""
    wires = {node: arguments(graph, node) for node in graph}
    outs = {node: readers(graph, node) for node in graph}
    return list(graph.nodes(data=True)), wires, outs, graph.graph


@pytest.mark.parametrize("text", TEXTS)
def test_json_round_trip_loses_nothing(text):
    graph = parse_formula(text)
    again = from_json(to_json(graph))
    assert contents(again) == contents(graph)
    assert to_json(again) == to_json(graph)
    assert type(again) is nx.MultiDiGraph
    backward = backward_graph(graph).graph
    assert contents(from_json(to_json(backward))) == contents(backward)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 5e-324])
def test_json_holds_every_number(value):
    graph = new_graph("x + c")
    node = add_number(graph, value)
    graph.graph["output"] = add_gate(graph, "add", add_input(graph, "x"), node)
    text = to_json(graph)
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    again = from_json(text).nodes[node]["value"]
    assert again == value or (np.isnan(again) and np.isnan(value))


def test_json_keeps_a_tensors_numbers():
    graph = from_json(to_json(parse_formula("x = [[1, 2], [3, inf]]\nsum(x)")))
    assert graph.nodes["x"]["value"] == [[1.0, 2.0], [3.0, float("inf")]]
    assert float(run(graph, {"x": np.ones((2, 2))}).values[graph.graph["output"]]) == 4


def test_a_broken_graph_is_not_read_from_json():
    data = json.loads(to_json(parse_formula("x: (3,)\nsum(x, axis=0)")))
    (node,) = [node for node in data["nodes"] if node["gate"] == "sum"]
    node["attrs"]["axis"] = "__import__('os').system('true')"
    with pytest.raises(GraphError):
        from_json(json.dumps(data))


# ---- order ----


@pytest.mark.parametrize("text", TEXTS)
def test_every_node_stands_after_its_arguments(text):
    graph = backward_graph(parse_formula(text)).graph
    order = topological_order(graph)
    place = {node: i for i, node in enumerate(order)}
    assert sorted(order) == sorted(graph)
    assert all(place[a] < place[b] for a, b in graph.edges())


def test_only_what_a_target_needs_is_in_its_order():
    graph = parse_formula("q = x + y\nr = sin(z)\nf = q*r")
    assert topological_order(graph, ["q"]) == ["x", "y", "q"]
    assert dependents(graph, ["z"]) == {"z", "r", "f"}
    assert inputs(graph) == ["x", "y", "z"]


PROGRAM = """
from gradtutor.calculus import backward_graph
from gradtutor.gates import GATES, TIE_RULES, Pointwise
from gradtutor.graph import to_json, topological_order
from gradtutor.language import parse_formula
for name, gate in GATES.items():
    if isinstance(gate, Pointwise):
        args = ", ".join("abc"[: gate.arity[0]])
        text = f"a {gate.infix} b" if gate.infix else f"{gate.prefix or name}({args})"
        for ties in TIE_RULES:
            graph = backward_graph(parse_formula(text), ties=ties).graph
            print(to_json(graph), topological_order(graph))
text = "x: (3, 4)\\nW: (4, 5)\\ny: (3,)\\nz = tanh(x@W)\\ncross_entropy(z*z, y)"
graph = backward_graph(parse_formula(text)).graph
print(to_json(graph), topological_order(graph))
"""


def test_the_graph_is_the_same_whatever_the_hash_seed():
    outputs = set()
    for seed in ("0", "1", "4711"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            capture_output=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


# ---- shapes ----


def test_shapes_are_carried_through_every_gate():
    graph = parse_formula("z = relu(x@W + b)\nsum(z)")
    before = graph.nodes["x"]["shape"]
    known = with_shapes(graph, {"x": (5, 3), "W": (3, 2), "b": (2,)})
    assert known.nodes["z"]["shape"] == (5, 2)
    assert graph.nodes["x"]["shape"] == before  # a copy: the graph given is as it was
    check_graph(known)


def test_shapes_that_do_not_fit_name_the_gate_and_its_place():
    text = "z = x@W\nsum(z)"
    with pytest.raises(ShapeError) as caught:
        with_shapes(parse_formula(text), {"x": (5, 3), "W": (4, 2)})
    assert caught.value.node == "z"
    assert text[slice(*caught.value.span)] == "x@W"


def test_a_gate_whose_arguments_do_not_fit_is_not_added():
    graph = new_graph()
    x, y = add_input(graph, "x", (3,)), add_input(graph, "y", (4,))
    with pytest.raises(ShapeMismatchError):
        add_gate(graph, "add", x, y)
    assert list(graph) == ["x", "y"]
