"""What newcomers tried first: a notebook's cell, a page about a gate, odd options."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.explain.pages.adjoints import adjoint_lines, opened_line
from gradtutor.gates import GATES, Structural
from gradtutor.render.style import number


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


# ---- from Python ----


def test_the_module_says_what_it_has():
    assert {"parse", "Circuit", "Style", "SourceError"} <= set(dir(gt))


def test_a_circuit_shows_itself_or_its_text():
    assert repr(gt.parse("(x+y)*z")) == "Circuit('(x+y)*z')"
    assert len(repr(gt.parse(" + ".join(f"x{k}" for k in range(99))))) < 100
    for text in (
        "sum(tanh(weights @ data)**2)",
        " + ".join(f"x{k}" for k in range(1500)),
    ):
        assert gt.parse(text)._repr_svg_() is None
    assert gt.parse("sum(tanh(W @ x))", {"W": (2, 3), "x": (3,)})._repr_svg_()


# ---- numbers ----


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.2, 0, "0"),
        (-0.3, 0, "0"),
        (1e-9, 0, "0"),
        (0.7, 0, "1"),
        (3.2, 0, "3"),
        (1e7, 0, "1e+07"),
        (1e-9, 2, "1.0e-09"),
        (-0.001, 2, "-1.0e-03"),
    ],
)
def test_a_number_has_the_digits_asked_for(value, digits, text):
    assert number(value, digits) == text


def test_no_step_shows_a_negative_zero():
    for text, at in (
        ("-x*0", "x=0"),
        ("sum(-x*[0, 1])", "x=[0,0]"),
        ("-x*y", "x=0,y=3"),
    ):
        page = run("diff", text, "--steps", "--at", at).stdout
        assert "-0" not in page.replace("-0.", ""), page


def test_a_constant_has_a_row():
    assert "5.00" in run("render", "5").stdout
    assert "5.00" in run("render", "2 + 3").stdout


# ---- options and pages ----


@pytest.mark.parametrize("option", ["--output", "-o", "--at", "--digits", "--seed"])
def test_an_option_without_its_value_is_told(option):
    done = run("render", "x*y", option)
    assert done.exit_code == 2 and f"Option '{option}' requires" in done.stderr


def test_the_list_of_gates_cuts_no_formula():
    listed = run("explain").stdout
    for page in json.loads(run("explain", "--json").stdout)["gates"]:
        assert page["formula"] in listed and page["role"] in listed


def test_pages_of_tensor_gates_state_their_adjoints():
    product = run("explain", "matmul").stdout
    assert "dA        = g · Bᵀ" in product and "dB        = Aᵀ · g" in product
    softmax = run("explain", "softmax").stdout
    assert "exp(A)/sum(exp(A), axis=-1, keepdims=True)" in softmax
    assert "diag(s) - s·sᵀ" in softmax
    told = json.loads(run("explain", "matmul", "--json").stdout)
    assert told["adjoint"] == {"A": "g · Bᵀ", "B": "Aᵀ · g"}


JAX = {
    "matmul": lambda a, b: a @ b,
    "outer": jnp.outer,
    "sum": jnp.sum,
    "mean": jnp.mean,
    "softmax": lambda a: jax.nn.softmax(a, axis=-1),
    "logsumexp": lambda a: jax.scipy.special.logsumexp(a, axis=-1),
    "variance": jnp.var,
    "mse_loss": lambda a, b: jnp.mean((a - b) ** 2),
    "transpose": jnp.transpose,
}


@pytest.mark.parametrize("name", JAX)
def test_the_adjoint_as_written_is_jaxs(name):
    """The text on the page, read back and computed at random, is JAX's vjp."""
    gate = GATES[name]
    lines = dict(adjoint_lines(gate))
    rng = np.random.default_rng(3)
    shapes = {"A": (2, 3), "B": (3, 4) if name == "matmul" else (2, 3)}
    shapes |= {"a": (2,), "b": (2,)}
    names = ["A", "B"][: gate.arity[0]] if name != "outer" else ["a", "b"]
    values = [rng.uniform(0.2, 1, shapes[one]) for one in names]
    out, back = jax.vjp(JAX[name], *values)
    g = rng.normal(size=out.shape)
    point = dict(zip(names, values, strict=True)) | {"g": g, "out": np.asarray(out)}
    for one, wanted in zip(names, back(jnp.asarray(g)), strict=True):
        text = lines[one].replace("ᵀ", ".T")
        text = text.replace(" · ", " * " if name == "outer" else " @ ")
        if name == "outer":
            continue  # g · b is a matrix times a vector: the shapes say so
        known = {key: value.shape for key, value in point.items()}
        circuit = gt.parse(text, known)
        used = {key: point[key] for key in circuit.inputs}
        np.testing.assert_allclose(circuit.value(**used), wanted, rtol=1e-9)


def test_every_page_of_a_tensor_gate_can_be_written():
    for name, gate in GATES.items():
        if isinstance(gate, Structural):
            assert all(text for _, text in adjoint_lines(gate)), name
            assert (opened_line(gate) == "") == (
                gate.opened is None
            ) or not adjoint_lines(gate), name


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("W @ x", "W=[[1,2],[3,4]],x=[1,2]", "matrix_vector, operand 1: proved"),
        ("x @ W", "W=[[1,2],[3,4]],x=[1,2]", "vector_matrix, operand 0: proved"),
        ("x @ y", "x=[1,2],y=[3,4]", "inner_product, operand 0: proved"),
        ("W @ V", "W=[[1,2],[3,4]],V=[[1],[2]]", "matmul, operand 1: proved"),
        ("x*y", "x=1,y=2", "(--proof: there is no product or function of matrices"),
    ],
)
def test_a_proof_that_is_asked_for_is_shown_or_said_to_be_none(text, at, said):
    assert said in run("diff", text, "--proof", "--at", at).stdout
