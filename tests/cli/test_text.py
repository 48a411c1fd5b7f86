"""Text of graphs and derivatives: as written, readable back, and right by JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from gradtutor.calculus import backward_graph
from gradtutor.calculus.closed_form import derivative_text
from gradtutor.calculus.symbols import gradient_symbols, wire_symbols
from gradtutor.circuit import parse
from gradtutor.evaluate import node_values
from gradtutor.graph import inputs
from gradtutor.language import expression_text, parse_formula

jax.config.update("jax_enable_x64", True)

AS_WRITTEN = [
    ("x+x", "x + x"),
    ("a-b", "a - b"),
    ("a/b", "a/b"),
    ("a-(b-c)", "a - (b - c)"),
    ("(a-b)-c", "a - b - c"),
    ("a/(b*c)", "a/(b*c)"),
    ("a/b*c", "a/b*c"),
    ("-x^2", "-x**2"),
    ("(-x)^2", "(-x)**2"),
    ("x^y^z", "x**(y**z)"),
    ("(x^y)^z", "(x**y)**z"),
    ("x^-2", "x**(-2)"),
    ("2*-x", "2*(-x)"),
    ("-(a+b)*c", "-(a + b)*c"),
    ("where(x>0, x, 0.01*x)", "where(x > 0, x, 0.01*x)"),
    ("(x > 0)*x", "(x > 0)*x"),
    ("A @ B @ x", "A @ B @ x"),
    ("A @ (B @ x)", "A @ (B @ x)"),
    ("sum(x, axis=0)", "sum(x, axis=0)"),
    ("max(a, b, c)", "max(max(a, b), c)"),
    ("1e-3*x + 2.50", "1e-3*x + 2.50"),
    ("np.exp(-x)", "exp(-x)"),
    ("sin(π*x)", "sin(π*x)"),
]


@pytest.mark.parametrize(("text", "expected"), AS_WRITTEN)
def test_what_was_written_is_what_is_shown(text, expected):
    graph = parse_formula(text)
    shown = expression_text(graph, graph.graph["output"])
    assert shown == expected
    again = parse_formula(shown)
    assert expression_text(again, again.graph["output"]) == shown


DERIVATIVES = [
    ("1/(1+exp(-w*x))", "w", "x*exp(-w*x)/(1 + exp(-w*x))**2"),
    ("x^3 - 2*x", "x", "3*x**2 - 2"),
    ("sigmoid(w*x)", "w", "x*(1 - sigmoid(w*x))*sigmoid(w*x)"),
    ("x/y", "y", "-x/y**2"),
    ("log(x)*y", "x", "y/x"),
    ("sin(x)^2", "x", "2*sin(x)*cos(x)"),
    ("relu(x)*y", "x", "where(x > 0, y, 0)"),
]


@pytest.mark.parametrize(("text", "wrt", "expected"), DERIVATIVES)
def test_closed_forms_are_the_textbooks(text, wrt, expected):
    assert parse(text).diff(wrt) == expected


JAX = {
    "sin": jnp.sin,
    "cos": jnp.cos,
    "exp": jnp.exp,
    "log": jnp.log,
    "sqrt": jnp.sqrt,
    "tanh": jnp.tanh,
    "atan": jnp.arctan,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "relu": jax.nn.relu,
    "swish": jax.nn.silu,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "erf": jax.scipy.special.erf,
    "abs": jnp.abs,
    "max": jnp.maximum,
    "where": jnp.where,
}

FORMULAS = [
    "exp(x*y)/(x+y)",
    "log(x**2+1)*sqrt(y)",
    "x**y + y**x",
    "tanh(x)*sigmoid(y) - softplus(x*y)",
    "relu(x-y)*x + max(x, y)*y",
    "gelu(x)*swish(y)",
    "where(x > y, x*y, x/y)",
    "erf(x)/atan(y)",
    "abs(x-2*y)**1.5",
    "sin(cos(sin(x*y))*x)*y",
    "1.5*x**2.5 - 0.1*y**-2",
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("order", [1, 2])
def test_the_printed_derivative_read_back_agrees_with_jax(text, order):
    derivative = parse_formula(parse(text).diff(*["x"] * order))
    function = lambda x, y: eval(text, {**JAX, "x": x, "y": y})  # noqa: E731
    for _ in range(order):
        function = jax.grad(function)
    for point in ({"x": 1.3, "y": 0.7}, {"x": 0.4, "y": 2.1}):
        given = {name: point[name] for name in inputs(derivative)}
        value = node_values(derivative, given)[derivative.graph["output"]]
        expected = float(function(point["x"], point["y"]))
        assert float(value) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_shared_derivative_grows_with_the_gates_not_exponentially():
    lengths = []
    for depth in (10, 20, 40):
        text = parse("\n".join(["x = x*sin(x)"] * depth)).diff("x")
        lengths.append(len(text))
        parse_formula(text)
    assert lengths[2] < 3 * lengths[1] < 9 * lengths[0]


def test_a_large_derivative_read_back_agrees_with_jax():
    text = "\n".join(["x = x*sin(x)"] * 12)
    derivative = parse_formula(parse(text).diff("x"))

    def function(x):
        for _ in range(12):
            x = x * jnp.sin(x)
        return x

    value = node_values(derivative, {"x": 2.2})[derivative.graph["output"]]
    assert float(value) == pytest.approx(float(jax.grad(function)(2.2)), rel=1e-9)


def test_constant_towers_stay_numbers():
    assert parse("x*9**99**1").diff("x") == repr(9.0**99)


def test_gradients_in_terms_of_the_named_intermediates():
    graph = parse_formula("q = x + y\nf = q*z")
    symbols = gradient_symbols(graph)
    assert {name: symbols[name] for name in ("x", "y", "z", "q", "f")} == {
        "x": "z",
        "y": "z",
        "z": "q",
        "q": "z",
        "f": "1",
    }
    assert gradient_symbols(graph, closed=True)["z"] == "x + y"
    wires = wire_symbols(graph)
    assert wires["q"] == "q = x + y"
    assert wires["q", "f", 0] == "∂f/∂q = z"


def test_a_tensor_derivative_is_text_in_the_language():
    circuit = parse("x: (3,)\nW: (2, 3)\nsum(tanh(W @ x))")
    text = circuit.diff("W")
    assert "outer(" in text
    assert circuit.verify("W", text) is True
    assert circuit.verify("x", circuit.diff("x")) is True


def test_a_wrong_derivative_is_not_verified():
    circuit = parse("x*y**2")
    assert circuit.verify("y", "2*x*y") is True
    assert circuit.verify("y", "2*x*y + 1e-3") is False
    assert parse("sqrt(-1 - x**2)").verify("x", "1") is None


def test_an_input_that_does_not_reach_the_output_has_derivative_zero():
    assert parse("x = 2\ny*3").diff("x") == "0"
    graph = parse_formula("a = x*2\ny*3")
    assert "x" not in backward_graph(graph).of_node
    assert derivative_text(graph, "y") == "y"
