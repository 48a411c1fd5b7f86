"""A gradient that a gate routed to nobody is 0, whatever the slope beyond it."""

from __future__ import annotations

import math
import shutil
import subprocess

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.calculus import backward_graph
from gradtutor.cli import main
from gradtutor.codegen.text.javascript import (
    javascript_program,
    number_javascript,
    runtime,
)

# formula, point, the true gradient of the first input
CASES = [
    ("where(x > 0, sqrt(x), x)", {"x": -4}, 1),
    ("where(x > 2, log(x)/log(2), 2*x)", {"x": 0}, 2),
    ("where(a <= 0, exp(a), 1 + a)", {"a": 1000}, 1),
    ("where(x != 0, sin(x)/x, 1)", {"x": 0}, 0),
    ("min(exp(x), 5)", {"x": 1000}, 0),
    ("1/(1+exp(-x))", {"x": -800}, 0),
    ("1/(1+exp(-x))", {"x": 800}, 0),
    ("sqrt(x**2+y**2)**2", {"x": 0, "y": 0}, 0),
    # neighbours
    ("sqrt(x**2+y**2)**3", {"x": 0, "y": 0}, 0),
    ("5*sqrt(x**2+y**2)**4 - x", {"x": 0, "y": 0}, -1),
    ("exp(-sqrt(x**2 + y**2)**2/2)", {"x": 0, "y": 0}, 0),
    ("sqrt(x)**2", {"x": 0}, 1),
    ("max(log(x), 0)", {"x": 0}, 0),
    ("relu(log(x))", {"x": 0}, 0),
    ("min(max(exp(x), 0), 1)", {"x": 1000}, 0),
    ("1/(1+exp(x))", {"x": 800}, 0),
    ("exp(-exp(x))", {"x": 800}, 0),
    ("where(x > 0, x**0.5*exp(x), 2*x)", {"x": -1}, 2),
    ("where(x > 0, sqrt(3*sin(x) + x), x)", {"x": -1}, 1),
    ("5*where(x > 0, 1/x, 0)", {"x": 0}, 0),
    ("where(x > 0, where(x < 1, log(x), 3*x), x)", {"x": -1}, 1),
    ("where(x > 0, x*log(x), 0)", {"x": 0}, 0),
    ("where(x > 0, asin(x), x)", {"x": -3}, 1),
    ("where(x > 0, log1p(x), x)", {"x": -1}, 1),
    ("where(abs(x) < 1e-3, 1 - x**2/6, sin(x)/x)", {"x": 0}, 0),
    ("where(x < 10, x**4, 0)", {"x": 1e120}, 0),
    ("where(x < 3, sinh(x), x)", {"x": 1000}, 1),
    ("x*where(x > 0, tan(sqrt(x)), 1)", {"x": -1}, 1),
    ("x**0", {"x": 0}, 0),
    ("x**y", {"x": 0, "y": 0}, 0),
    ("softplus(x)", {"x": 1000}, 1),
    ("softplus(x)", {"x": -1000}, 0),
    ("sigmoid(x)", {"x": -800}, 0),
]


@pytest.mark.parametrize(("text", "at", "true"), CASES)
def test_the_gradient_is_exact_in_numbers_and_in_symbols(text, at, true):
    circuit, name = gt.parse(text), next(iter(at))
    assert circuit.gradients(**at)[name] == true
    point = ",".join(f"{key}={value!r}" for key, value in at.items())
    result = CliRunner().invoke(main, ["diff", text, "--wrt", name, "--at", point])
    assert result.exit_code == 0, result.output
    assert f"= {float(true)} at the point given" in result.output
    assert "-0.0" not in result.output


@pytest.mark.parametrize(("text", "at", "true"), CASES)
def test_where_no_rule_decides_the_check_agrees(text, at, true):
    (row, *_) = gt.parse(text).check(**at)
    assert row.ok is not False, row


TENSORS = [
    ("sum(where(x > 0, sqrt(x), 0))", {"x": [-1.0, 4.0]}, [0, 0.25]),
    ("sum(slice(log(x), cuts=((1, None),)))", {"x": [0.0, 1.0, 2.0]}, [0, 1, 0.5]),
    ("log(x)[1]", {"x": [0.0, 2.0]}, [0, 0.5]),
    ("max(log(x))", {"x": [0.0, 1.0, 2.0]}, [0, 0, 0.5]),
    ("sum(gather(log(x), i))", {"x": [0.0, 2.0], "i": [1]}, [0, 0.5]),
    ("where(m, sum(sqrt(x)), 0)", {"x": [-1.0, 4.0], "m": 0}, [0, 0]),
    ("sum(where(x > 0, 1/x, x))", {"x": [0.0, 2.0]}, [1, -0.25]),
    ("nll_loss(p, y)", {"p": [[0.0, 1.0], [0.5, 0.5]], "y": [1, 0]}, None),
]


@pytest.mark.parametrize(("text", "at", "true"), TENSORS)
def test_elements_of_tensors_are_routed_one_by_one(text, at, true):
    shapes = {name: np.shape(x) for name, x in at.items()}
    gradient = next(iter(gt.parse(text, shapes).gradients(**at).values()))
    wanted = [[0, -0.5], [-1, 0]] if true is None else true
    np.testing.assert_array_equal(np.asarray(gradient), np.asarray(wanted, float))


def test_networks_pay_nothing():
    """No gradient of a usual network is selected anew: products stay products."""
    layers = "Input(4), Linear(5), ReLU(), LayerNorm(), Linear(3), Sigmoid(), Linear(2)"
    graph = gt.parse(f"Sequential([{layers}])\nloss = CrossEntropyLoss()").graph
    gates = [data["gate"] for _, data in backward_graph(graph).graph.nodes(data=True)]
    assert "routed" not in gates


def test_second_derivatives_pass_a_zero_gradient():
    """d/du of u·s is s where u is 0 as well."""
    circuit = gt.parse("where(x > -9, x**2*exp(y), 0)")
    assert circuit.derivative("x", "x", at={"x": 0, "y": 0}) == 2
    assert (
        gt.parse("where(x > -1, x*log(x + 1), 5*x)").derivative("x", "x", at={"x": -2})
        == 0
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_page_s_program_routes_as_well():
    for text, at, true in CASES:
        graph = gt.parse(text).graph
        backward = backward_graph(graph)
        target = backward.of_node.get(next(iter(at)))
        if target is None:
            continue
        program = javascript_program(backward.graph, [target])
        filled = [
            f"v[{program.slots[name]}] = {number_javascript(value)};"
            for name, value in at.items()
            if name in program.slots
        ]
        lines = ["const v = [];", *filled, *program.lines]
        script = "\n".join(
            [runtime(), *lines, f"console.log(v[{program.slots[target]}])"]
        )
        found = subprocess.run(["node", "-e", script], capture_output=True, text=True)
        assert float(found.stdout) == true, (text, found)


def test_what_the_page_says_of_jax_holds():
    """Explain double-where: JAX multiplies 0 by the slope of the branch not taken."""
    root = jax.grad(lambda x: jnp.where(x > 0, jnp.sqrt(x), x))
    assert math.isnan(root(-4.0))
    assert math.isnan(jax.grad(lambda x: jnp.minimum(jnp.exp(x), 5.0))(1000.0))
    safe = jax.grad(lambda x: jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1.0)), x))
    assert safe(-4.0) == 1
    page = CliRunner().invoke(main, ["explain", "double-where"]).output
    assert "PyTorch and JAX multiply 0 by the slope" in " ".join(page.split())


def test_an_overflow_is_no_slope():
    """log(1 + exp(x)) at 800 is 800; infinity came out, and no gradient."""
    gradient = gt.parse("log(1+exp(x))").gradients(x=800)["x"]
    assert math.isnan(gradient)
