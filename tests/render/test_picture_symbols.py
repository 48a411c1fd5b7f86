"""Gradients on wires by the chain rule's factors: each text is its number."""

import re

import numpy as np
import pytest

import gradtutor as gt
from gradtutor.calculus.symbols import output_name
from gradtutor.gates import COPY, LEAVES
from gradtutor.render.page.display_names import display_names
from gradtutor.render.picture_symbols import chained_symbols, picture_symbols

CASES = {
    "1/(1+exp(-(w0*x0+w1*x1+w2)))": {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
    "f = (a*b + a)*sin(a*b*c)": {"a": 0.3, "b": -1.2, "c": 0.7},
    "q = x + y; f = max(q, x)*q**3/y": {"x": 1.5, "y": 0.5},
    "log(1 + exp(w*x + b)) + tanh(w)": {"w": 2, "x": -1, "b": 0.5},
}


def value_of(text, known):
    """Compute a wire's text from the numbers of the names in it."""
    for name in sorted(known, key=len, reverse=True):
        if name.startswith("∂"):
            text = text.replace(name, f"g{name[1:].replace('/∂', '_')}_")
    plain = {
        f"g{n[1:].replace('/∂', '_')}_" if n[0] == "∂" else n: x
        for n, x in known.items()
    }
    circuit = gt.parse(text)
    trace = circuit.trace(**{name: plain[name] for name in circuit.inputs})
    return float(trace.values[trace.output])


@pytest.mark.parametrize("text", CASES)
def test_every_gradient_is_its_text(text):
    circuit = gt.parse(text)
    graph, trace = circuit.graph, circuit.trace(**CASES[text])
    names, output = display_names(graph), output_name(graph)
    known = {name: float(trace.values[node]) for node, name in names.items()}
    known |= {
        f"∂{output}/∂{names[node]}": float(x)
        for node, x in trace.node_gradients.items()
        if graph.nodes[node]["gate"] != COPY
    }
    compared = 0
    for key, said in chained_symbols(graph, "torch").items():
        right = said.split(" = ")[-1]
        if isinstance(key, tuple) and "sum of" not in right and key in trace.gradients:
            wanted = float(trace.gradients[key])
            assert value_of(right, known) == pytest.approx(wanted), (key, said)
            compared += 1
        if isinstance(key, str) and graph.nodes[key]["gate"] not in (*LEAVES, COPY):
            assert value_of(right, known) == pytest.approx(float(trace.values[key]))
    assert compared >= 5


def test_short_gradients_stay_closed_and_long_ones_are_cut_no_more():
    short = gt.parse("q = x + y; f = q*z").graph
    assert picture_symbols(short, "torch")["x", "q", 0] == "∂f/∂x = z"
    long = gt.parse(next(iter(CASES))).graph
    assert all("…" not in text for text in picture_symbols(long, "torch").values())


def test_an_inputs_name_stands_at_its_box_alone():
    dot = gt.parse("f = x*y").dot()
    assert not re.search(r">x</font>", dot)
    network = "Sequential([Input(2), Linear(3)])\nloss = MSELoss()\n"
    assert ">(2, 3)</font>" in gt.parse(network).dot()


def test_values_and_boxes_break_long_names_alike():
    name = "the_first_layers_learning_rate"
    for style in (gt.Style(), gt.Style(direction="TB")):
        dot = gt.parse(f"{name}*x").dot(style, **{name: 1e-12, "x": np.pi})
        assert "the_first_layers_<br/>learning_rate" in dot
        assert "1.0·10⁻¹²" in dot


def test_the_outputs_own_gradient_is_one_in_every_factor():
    texts = chained_symbols(gt.parse("log(x)/sqrt(1 + x**2)").graph, "torch").values()
    assert "∂f/∂t1 = 1/t4" in texts
    assert not any("∂f/∂f" in text for text in texts)
