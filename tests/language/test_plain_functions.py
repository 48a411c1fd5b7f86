"""Plain functions as circuits: values as Python computes them, gradients checked."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from places import TESTS

from gradtutor.cli import main
from gradtutor.evaluate import run
from gradtutor.evaluate.check import check_gradients
from gradtutor.graph import check_graph, inputs
from gradtutor.language import SourceError, parse, parse_function

FILES = TESTS / "inputs" / "functions"
SCALARS = np.linspace(-2, 2, 5)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def two_layers():
    W1 = np.array([[0.1, 0.2], [0.3, -0.4], [-0.5, 0.6]])
    W2 = np.array([[0.2, 0.1, -0.3], [0.4, -0.2, 0.5]])
    z = W2 @ np.maximum(0, W1 @ np.array([0.5, -1.0]))
    return -np.log(np.exp(z) / np.exp(z).sum())[0]


def typed(x=0.7, y=1.5):
    u = x * y
    v = np.sin(u) + np.cos(x) + np.exp(-u) + u + u**2 / 2 + u**3 / 3
    return v / np.sqrt(1 + y**2) + np.log(2 * np.pi)


def logistic():
    x = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30],
                  [0.74, -2.49, 1.39]])  # fmt: skip
    p = sigmoid(x @ [0.1, 0.2, 0.3] + 0.5)
    y = np.array([1, 1, 0, 1])
    loss = -np.log(p * y + (1 - p) * (1 - y)).sum()
    return loss, {"W": x.T @ (p - y), "b": (p - y).sum()}


#: What a file computes, worked out by hand or by NumPy; gradients where published.
VALUES = {
    "numpy_neuron": ((sigmoid(6.5) - 1) ** 2, {}),
    "micrograd_lecture": (-8.0, {"a": 6.0, "b": -4.0, "c": -2.0, "f": 4.0}),
    "torch_neuron": (np.tanh(0.8813735870195432), {"w1": 1.0, "x2": 0.5, "w2": 0.0}),
    "jax_logistic": logistic(),
    "torch_scalars": (12 + np.sin(3), {"x": 12.0, "y": 4 + np.cos(3)}),
    "numpy_ridge_cost": (
        np.mean((np.array([-0.3, -0.5, -0.7]) - [1, 2, 3]) ** 2) / 2 + 0.05 / 60, {},
    ),
    "numpy_cost_loop": (0.0, {"w": 0.0, "b": 0.0}),
    "own_value": (np.tanh(0.8813735870195432), {"w1": 1.0, "x2": 0.5}),
    "numpy_two_layers": (two_layers(), {}),
    "jax_rosenbrock": (24.2, {"p": [-215.6, -88.0]}),
    "torch_logistic": (np.log(2), {"w": [[-0.5], [-0.5]], "b": [0.0]}),
    "torch_line": (5.0, {"x": 2.0, "w": 1.0, "b": 1.0}),
    "torch_vector": ([-12.0, 65.0], {"a": [36.0, 81.0], "b": [-12.0, -8.0]}),
    "math_typed": (typed(), {}),
    "numpy_helpers": (np.mean(np.array([1.4, 2.9, 4.4]) ** 2) + 0.0025, {"lam": 0.25}),
    "tape": (9.0, {"x": 6.0}),
    "branches": (2.0, {"x": 2.0, "y": 1.0}),
    "micrograd_readme": (24.7041, {"a": 138.8338, "b": 645.5773}),
}  # fmt: skip


def point_of(graph):
    values = graph.nodes(data="value")
    return {name: values[name] for name in inputs(graph) if values[name] is not None}


@pytest.mark.parametrize("name", VALUES)
def test_a_function_is_the_circuit_that_it_computes(name):
    graph = parse((FILES / f"{name}.py").read_text())
    check_graph(graph)
    value, slopes = VALUES[name]
    point = point_of(graph)
    trace = run(graph, point)
    np.testing.assert_allclose(trace.values[trace.output], value, rtol=1e-5, atol=1e-9)
    for one, slope in slopes.items():
        found = trace.node_gradients[one]
        np.testing.assert_allclose(found, slope, atol=1e-4)
    assert all(row.ok is not False for row in check_gradients(graph, point, "torch"))


OTHERS = ["numpy_lstm_step", "torch_quickstart_autograd", "autograd_tanh", "loops"]


@pytest.mark.parametrize("name", OTHERS)
def test_a_function_without_a_whole_point_is_read(name):
    graph = parse((FILES / f"{name}.py").read_text())
    check_graph(graph)
    spans = [data["span"] for _, data in graph.nodes(data=True)]
    assert all(span is None or span[0] < span[1] for span in spans)


@pytest.mark.parametrize("x", SCALARS)
def test_loops_over_constants_are_written_out(x):
    text = (FILES / "loops.py").read_text()
    graph = parse_function(text, "horner")
    trace = run(graph, {"x": x})
    wanted = np.polyval([1.0, -2.0, 0.5, 3.0], x)
    assert trace.values[trace.output] == pytest.approx(wanted)
    slope = np.polyval([3.0, -4.0, 0.5], x)
    assert trace.node_gradients["x"] == pytest.approx(slope)
    assert set(inputs(parse_function(text, "newton"))) == {"x"}


def test_a_function_is_chosen_by_name_on_the_command_line():
    path = FILES / "numpy_neuron.py"
    for command in (["render"], ["diff"], ["check"]):
        result = CliRunner().invoke(main, [*command, f"{path}:sigmoid", "--at", "z=1"])
        assert result.exit_code == 0, result.output
    result = CliRunner().invoke(main, ["check", str(path), "--json"])
    assert set(json.loads(result.stdout)["inputs"]) == {"x", "w", "b"}


REFUSED = [
    ("def f(x):\n    return np.fft.fft(x)\n", 2, "fft() of a tensor is not here"),
    ("def f(x):\n    while x > 1:\n        x = x / 2\n    return x\n", 2, "which way"),
    ("def f(x):\n    if x > 0:\n        return x\n    return -x\n", 2, "which way"),
    ("def f(x):\n    return 3\n", 1, "not made of its arguments"),
    ("def f(x):\n    return load(x)[0]\n", 2, "load() of a tensor"),
    ("import os\ndef f(x):\n    return f(x)\n", 2, "not made of its arguments"),
]


@pytest.mark.parametrize("text, line, words", REFUSED)
def test_what_is_no_circuit_is_told_with_its_line(text, line, words):
    with pytest.raises(SourceError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.line == line


def test_nothing_of_a_function_is_run(tmp_path):
    mark = tmp_path / "mark"
    body = f"    os.system('touch {mark}')\n    return x * x\n"
    text = f"import os\ndef f(x):\n{body}f(2.)\n"
    graph = parse(text)
    assert graph.nodes["x"]["value"] == 2.0
    assert not mark.exists()
