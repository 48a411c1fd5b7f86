"""The backward pass: published numbers, order, cost, second order, wires."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from gradtutor.calculus import backward_graph
from gradtutor.evaluate import MissingValueError, node_values, run
from gradtutor.graph import check_graph, readers, topological_order
from gradtutor.language import parse_formula


def gradients(text: str, **given) -> dict[str, float]:
    return {
        k: float(g)
        for k, g in run(parse_formula(text), given).input_gradients().items()
    }


# ---- published numbers ----


def test_cs231n_x_plus_y_times_z():
    """CS231n, "Backpropagation, Intuitions": f = (x + y) z at (-2, 5, -4)."""
    trace = run(parse_formula("q = x + y\nf = q*z"), {"x": -2, "y": 5, "z": -4})
    values = {name: float(trace.values[name]) for name in ("q", "f")}
    slopes = {name: float(trace.node_gradients[name]) for name in "xyzqf"}
    assert values == {"q": 3.0, "f": -12.0}
    assert slopes == {"x": -4.0, "y": -4.0, "z": 3.0, "q": -4.0, "f": 1.0}


NEURONS = [
    "1/(1 + exp(-(w0*x0 + w1*x1 + w2)))",
    "sigmoid(w0*x0 + w1*x1 + w2)",
    "d = w0*x0 + w1*x1 + w2\nf = 1/(1 + e**(-d))",
]


@pytest.mark.parametrize("text", NEURONS)
def test_cs231n_sigmoid_neuron(text):
    point = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    if "e**" in text:
        point["e"] = math.e
    trace = run(parse_formula(text), point)
    assert round(float(trace.values[trace.output]), 2) == 0.73
    names = ("w0", "x0", "w1", "x1", "w2")
    slopes = [round(float(trace.node_gradients[name]), 2) for name in names]
    assert slopes == [-0.20, 0.39, -0.39, -0.59, 0.20]


def test_a_quadratic_cost_along_the_chain_c_a_d_j():
    text = "c = w*x\na = c + b\nd = a - y\nJ = d^2/2"
    w, x, b, y = 3.0, 2.0, 1.0, 5.0
    trace = run(parse_formula(text), {"w": w, "x": x, "b": b, "y": y})
    d = w * x + b - y
    assert float(trace.values["J"]) == d * d / 2
    slopes = {name: float(trace.node_gradients[name]) for name in "wxbycadJ"}
    assert slopes == {
        "w": d * x, "x": d * w, "b": d, "y": -d, "c": d, "a": d, "d": d, "J": 1.0,
    }  # fmt: skip
    one_line = gradients("1/2*((w*x + b) - y)^2", w=w, x=x, b=b, y=y)
    assert one_line == {name: slopes[name] for name in "wxby"}


# ---- finite differences, the plainest witness ----

FORMULAS = [
    ("x*y + sin(x)/y", {"x": 0.7, "y": 1.9}),
    ("exp(x*y)*log(x + y^2)", {"x": 0.3, "y": 1.1}),
    ("tanh(w*x + b)^3 - sqrt(x)", {"w": 0.4, "x": 1.3, "b": -0.2}),
    ("s = x*y\ns = s*sin(s)\ns = s*sin(s)\ns + x", {"x": 1.1, "y": 0.9}),
    ("max(x*x, y, 3*z)", {"x": 1.2, "y": 1.1, "z": 0.3}),
    ("x**y", {"x": 1.7, "y": -2.3}),
    ("x if x > y else x*y", {"x": 0.5, "y": 2.0}),
]


@pytest.mark.parametrize("text, point", FORMULAS)
def test_gradients_equal_central_differences(text, point):
    graph = parse_formula(text)
    slopes = gradients(text, **point)
    for name, x in point.items():
        h = 1e-5
        high, low = (
            float(node_values(graph, point | {name: x + s * h})[graph.graph["output"]])
            for s in (1, -1)
        )
        assert slopes[name] == pytest.approx((high - low) / (2 * h), rel=1e-7), name


# ---- what every wire carries ----


def test_a_fork_repeats_the_value_and_adds_the_gradients():
    trace = run(parse_formula("p = x*y\nf = p*2 + p*p"), {"x": 3.0, "y": 2.0})
    graph = trace.graph
    (into_copy,) = readers(graph, "p")
    branches = readers(graph, into_copy[1])
    assert len(branches) == 3
    total = sum(float(trace.gradients[wire]) for wire in branches)
    assert total == float(trace.gradients[into_copy]) == 2 + 2 * 6.0


def test_every_wire_from_an_input_has_a_gradient_of_its_values_shape():
    x = np.arange(6.0).reshape(2, 3)
    given = {"x": x, "w": np.ones(3), "s": 2.0}
    trace = run(parse_formula("relu(x@w*s) + sign(s)"), given)
    assert trace.gradients
    for source, target, position in trace.graph.edges(keys=True):
        if trace.graph.nodes[source]["gate"] != "number":
            slope = trace.gradients[source, target, position]
            assert np.shape(slope) == np.shape(trace.values[source]), (source, target)


def test_a_variable_that_does_not_matter_has_gradient_zero():
    assert gradients("x*0 + y", x=1.0, y=1.0) == {"x": 0.0, "y": 1.0}
    assert gradients("sign(x) + y", x=1.0, y=1.0) == {"x": 0.0, "y": 1.0}
    assert gradients("x**0 + y", x=0.0, y=1.0) == {"x": 0.0, "y": 1.0}
    assert gradients("q = x*x\ny*y", x=4.0, y=3.0) == {"x": 0.0, "y": 6.0}


def test_the_output_may_be_an_input_or_a_number():
    assert gradients("x", x=4.0) == {"x": 1.0}
    assert gradients("x + y\nx", x=4.0, y=1.0) == {"x": 1.0, "y": 0.0}
    assert gradients("2", x=4.0) == {}


def test_an_inner_node_can_be_differentiated():
    graph = parse_formula("q = x*y\nf = q*q + x")
    backward = backward_graph(graph, "q")
    assert set(backward.of_node) == {"q", "x", "y", "x.copy"}
    values = node_values(backward.graph, {"x": 3.0, "y": 5.0})
    assert float(values[backward.of_node["x"]]) == 5.0


def test_only_the_wanted_gradients_are_built():
    graph = parse_formula("W*x + b")
    backward = backward_graph(graph, wrt=["W"])
    assert "x" not in backward.of_node and "b" not in backward.of_node
    assert "W" in backward.of_node


def test_gradients_are_named_after_their_inputs_and_no_name_is_taken_twice():
    backward = backward_graph(parse_formula("sin(x*W1) + dx*3"))
    names = [
        data["name"] for _, data in backward.graph.nodes(data=True) if data["name"]
    ]
    assert len(names) == len(set(names))
    assert {"dW1", "dx", "dx_"} <= set(names)


def test_a_missing_value_is_told_by_name():
    with pytest.raises(MissingValueError, match="y has no value"):
        run(parse_formula("x*y"), {"x": 1.0})


FAULTS = [
    ("log(x)", -1.0, "log of -1 gave nan: log needs a positive number"),
    ("1/x", 0.0, "div of 1, 0 gave inf: division by zero"),
    ("exp(x)", 1000.0, "exp of 1000 gave inf: exp overflows above 709.78"),
    ("q = sqrt(x)\nq + 1", -4.0, "sqrt (q) of -4 gave nan"),
    ("asin(x)", 2.0, "asin of 2 gave nan: asin needs a number from -1 to 1"),
]


@pytest.mark.parametrize("text, x, message", FAULTS)
def test_the_first_gate_that_makes_nan_or_infinity_is_named(text, x, message):
    trace = run(parse_formula(text), {"x": x})
    assert trace.fault_message().startswith(message)


def test_a_sound_run_has_no_fault():
    assert run(parse_formula("log(x)"), {"x": 2.0}).fault_message() == ""


# ---- second order ----


def derivatives(text: str, x: float, order: int) -> list[float]:
    """f, f', f'', ... by differentiating the backward graph again and again."""
    graph = parse_formula(text)
    check_graph(graph)
    node, found = graph.graph["output"], []
    while True:
        found.append(float(node_values(graph, {"x": x}, [node])[node]))
        if len(found) > order:
            return found
        backward = backward_graph(graph, node)
        graph, node = backward.graph, backward.of_node["x"]
        check_graph(graph)


def test_derivatives_of_any_order_are_graphs_that_keep_the_invariants():
    s, c = math.sin(0.7), math.cos(0.7)
    assert derivatives("sin(x)", 0.7, 4) == pytest.approx([s, c, -s, -c, s], rel=1e-12)
    e = math.exp(1.4)
    assert derivatives("exp(2*x)", 0.7, 3) == pytest.approx([e, 2 * e, 4 * e, 8 * e])
    assert derivatives("x^4", 3.0, 4) == [81.0, 108.0, 108.0, 72.0, 24.0]
    t = math.tanh(0.7)
    slope = 1 - t * t
    expected = [t, slope, -2 * t * slope, (6 * t * t - 2) * slope]
    assert derivatives("tanh(x)", 0.7, 3) == pytest.approx(expected, rel=1e-12)


def test_a_kinks_second_derivative_is_zero_also_for_tensors():
    graph = parse_formula("relu(x)", {"x": (3,)})
    first = backward_graph(graph)
    second = backward_graph(first.graph, first.of_node["x"])
    check_graph(second.graph)
    if "x" in second.of_node:
        x = np.array([-1.0, 0.0, 2.0])
        values = node_values(second.graph, {"x": x})
        assert not values[second.of_node["x"]].any()


# ---- cost ----


def test_the_backward_graph_grows_linearly():
    sizes = []
    for depth in (10, 20, 40):
        backward = backward_graph(parse_formula("x = x*sin(x)\n" * depth))
        check_graph(backward.graph)
        sizes.append(len(backward.graph))
    assert sizes[2] - sizes[1] == 2 * (sizes[1] - sizes[0])
    assert sizes[2] < 10 * 40 + 10


def test_forty_nested_products_are_instant():
    started = time.process_time()
    text = "x = x*sin(x)\n" * 40
    trace = run(parse_formula(text), {"x": 1.1})
    assert time.process_time() - started < 1.0  # 2⁴⁰ paths lead through it
    x, slope = 1.1, 1.0
    for _ in range(40):
        slope *= math.sin(x) + x * math.cos(x)
        x *= math.sin(x)
    assert float(trace.node_gradients["x"]) == pytest.approx(slope, rel=1e-9)


def test_thirty_thousand_gates_in_a_chain_need_no_recursion():
    gates = 30_000
    started = time.process_time()
    text = "x = sin(x)\nx = x + 1\n" * (gates // 2)
    graph = parse_formula(text)
    backward = backward_graph(graph)
    values = node_values(backward.graph, {"x": 0.5}, [backward.of_node["x"], "x_2"])
    seconds = time.process_time() - started
    assert len(topological_order(graph)) == len(graph) >= gates
    slope, x = 1.0, 0.5
    for _ in range(gates // 2):
        slope *= math.cos(x)
        x = math.sin(x) + 1
    ours = float(values[backward.of_node["x"]])
    assert ours == pytest.approx(slope, rel=1e-9, abs=1e-300)
    assert seconds < 30, f"{seconds:.1f} s"  # quadratic, it would take hours
