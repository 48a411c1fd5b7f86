"""Hessians, mixed second derivatives and Jacobians: closed forms, and against JAX."""

from __future__ import annotations

import json
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from click.testing import CliRunner

from gradtutor.calculus.second_order import (
    hessian_map,
    jacobian_map,
    transposed_jacobian_map,
)
from gradtutor.calculus.symbolic.linear_text import matrix_text
from gradtutor.cli import main
from gradtutor.evaluate.matrices import matrix, verify_hessian, verify_jacobian
from gradtutor.language import parse

jax.config.update("jax_enable_x64", True)

rng = np.random.default_rng(11)
POINT = {
    "x": rng.normal(size=3),
    "y": rng.normal(size=3),
    "A": rng.normal(size=(3, 3)),
    "b": rng.normal(size=3),
    "c": np.array(0.7),
}
SHAPES = {name: value.shape for name, value in POINT.items()}


def run_diff(*args: str):
    return CliRunner().invoke(main, ["diff", *args])


# ---- closed forms ----

HESSIANS = [
    ("xᵀAx", "x", "x", "A + A.T"),
    ("½xᵀAx + bᵀx", "x", "x", "A/2 + A.T/2"),
    ("‖Xw - y‖²", "w", "w", "2*X.T @ X"),
    ("½‖Xw - y‖² + λ‖w‖²", "w", "w", "X.T @ X + 2*λ*eye"),
    ("xᵀAy", "x", "y", "A"),
    ("xᵀAy", "y", "x", "A.T"),
    ("x: (n,)\nsum(x)^2", "x", "x", "2*outer(ones, ones)"),
    ("x: (n,)\nsum(x^3)", "x", "x", "6*diag(x)"),
    ("z: (K,)\ny: ()\ncross_entropy(z, y)", "z", "z",
     "diag(softmax(z)) - outer(softmax(z), softmax(z))"),
    ("z: (K,)\nlogsumexp(z)", "z", "z",
     "diag(softmax(z)) - outer(softmax(z), softmax(z))"),
    ("x: (n,)\nsum(softplus(x))", "x", "x", "diag(sigmoid(x)*(1 - sigmoid(x)))"),
    ("x: (n,)\ny: (n,)\nsum(x*y)", "x", "y", "eye"),
    ("‖x‖", "x", "x", "eye/norm(x) - outer(x, x)/norm(x)**3"),
    ("x: (n,)\nsum(relu(x)^2)", "x", "x", "2*diag(x > 0)"),
    ("x: (n,)\na: ()\na*sum(x^2)", "x", "a", "2*x"),
    ("x: (n,)\na: ()\na*sum(x^2)", "a", "x", "2*x"),
    ("x: (n,)\ny: (n,)\nmse_loss(x, y)", "x", "x", "2*eye/size(x)"),
    ("aᵀx", "x", "x", "0"),
]  # fmt: skip


@pytest.mark.parametrize("text, rows, columns, expected", HESSIANS)
def test_a_hessian_is_a_matrix_in_symbols(text, rows, columns, expected):
    graph = parse(text)
    linear = hessian_map(graph, rows, columns)
    assert matrix_text(linear) == expected
    assert verify_hessian(graph, linear, rows, columns, "torch") is True


JACOBIANS = [
    ("W: (m, n)\nx: (n,)\nW @ x", "x", "W"),
    ("W: (m, n)\nx: (n,)\nb: (m,)\ntanh(W @ x + b)", "x",
     "diag(1 - tanh(W @ x + b)**2) @ W"),
    ("x: (n,)\nsoftmax(x)", "x", "diag(softmax(x)) - outer(softmax(x), softmax(x))"),
    ("x: (n,)\nx/norm(x)", "x",
     "eye/norm(x) - outer(x, x)/norm(x)**3"),
    ("x: (n,)\nexp(x)", "x", "diag(exp(x))"),
    ("x: (n,)\nrelu(x)", "x", "diag(x > 0)"),
    ("x: (n,)\nx - mean(x)", "x", None),
]  # fmt: skip


@pytest.mark.parametrize("text, by, expected", JACOBIANS)
def test_a_jacobian_is_a_matrix_in_symbols(text, by, expected):
    graph = parse(text)
    linear = jacobian_map(graph, by)
    assert expected is None or matrix_text(linear) == expected
    assert verify_jacobian(graph, linear, by) is True


def test_a_wrong_map_is_found():
    graph = parse("x: (n,)\nsum(x^3)")
    other = hessian_map(parse("x: (n,)\nsum(x^4)"), "x", "x")
    assert verify_hessian(graph, other, "x", "x", "torch") is False
    assert (
        verify_jacobian(graph, jacobian_map(parse("x: (n,)\nx^2"), "x"), "x") is False
    )


# ---- against JAX ----

FUNCTIONS = {
    **{name: getattr(jnp, name) for name in ("exp", "sin", "cos", "tanh", "log1p")},
    "sum": jnp.sum,
    "mean": jnp.mean,
    "outer": jnp.outer,
    "where": jnp.where,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "sqrt": jnp.sqrt,
    "softmax": jax.nn.softmax,
    "logsumexp": jax.scipy.special.logsumexp,
    "size": jnp.size,
    "norm": jnp.linalg.norm,
    "std": jnp.std,
    "diag": jnp.diag,
    "eye": jnp.eye(3),
    "ones": jnp.ones(3),
}


def vector(draw: random.Random, depth: int) -> str:
    """Draw the text of a vector of x, y, A and b."""
    if depth == 0:
        return draw.choice(["x", "y", "b", "x", "A @ x", "y @ A"])
    inner = vector(draw, depth - 1)
    other = vector(draw, depth - 1)
    return draw.choice(
        [
            f"sin({inner})",
            f"tanh({inner})",
            f"sigmoid({inner})",
            f"softmax({inner})",
            f"A @ ({inner})",
            f"({inner}) @ A",
            f"({inner}) * ({other})",
            f"({inner}) + ({other})",
            f"({inner}) - c*({other})",
            f"({inner})*mean({other})",
            f"({inner})/(1 + sum(({other})**2))",
            f"softplus({inner})*exp(-({other})**2)",
        ]
    )


def scalar(draw: random.Random) -> str:
    one, two = vector(draw, draw.randint(0, 2)), vector(draw, draw.randint(0, 1))
    return draw.choice(
        [
            f"sum(({one})**2)",
            f"({one}) @ ({two})",
            f"logsumexp({one})",
            f"mean(softplus({one}))*c",
            f"sqrt(1 + sum(({one})**2))",
            f"exp(-sum(({one})**2)/9)",
            f"sum(({one})*({two}))**2",
        ]
    )


def by_jax(text: str, **values) -> jax.Array:
    given = {name: jnp.asarray(value) for name, value in (POINT | values).items()}
    return eval(text, {**FUNCTIONS, **given})


def written(text: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return the value of a matrix's text; 0 stands for all zeros."""
    return np.zeros(shape) if text == "0" else np.asarray(by_jax(text))


def close(ours, theirs, what: str) -> None:
    scale = 1 + np.abs(theirs).max()
    assert np.shape(ours) == np.shape(theirs), what
    assert np.abs(ours - theirs).max() <= 1e-9 * scale, f"{what}\n{ours}\n{theirs}"


@pytest.mark.sampled(42)
@pytest.mark.parametrize("seed", range(100))
def test_hessians_of_random_formulas_equal_jax(seed):
    draw = random.Random(seed)
    text = scalar(draw)
    by = draw.choice(["x", "x", "y", "c"])
    graph = parse(text, SHAPES)
    used = {name: POINT[name] for name in POINT if name in graph}
    if not {"x", by} <= used.keys():
        text, graph = f"({text})*sum(x*y)*c", parse(f"({text})*sum(x*y)*c", SHAPES)
        used = {name: POINT[name] for name in POINT if name in graph}
    linear = hessian_map(graph, "x", by)
    theirs = (
        jax.jacfwd(
            lambda one: jax.grad(lambda x: by_jax(text, **{by: one, "x": x}))(
                one if by == "x" else jnp.asarray(POINT["x"])
            )
        )(jnp.asarray(POINT[by]))
        if by != "x"
        else jax.hessian(lambda x: by_jax(text, x=x))(jnp.asarray(POINT["x"]))
    )
    theirs = np.asarray(theirs)
    close(matrix(linear, used), theirs, f"∂²/∂x∂{by} of {text}")
    shown = matrix_text(linear)
    if shown and len(linear.shape) == 2:  # no wrong label
        close(written(shown, theirs.shape), theirs, f"{shown} of {text}")


@pytest.mark.sampled(7)
@pytest.mark.parametrize("seed", range(60))
def test_jacobians_of_random_formulas_equal_jax(seed):
    draw = random.Random(1000 + seed)
    text = f"({vector(draw, 2)}) + x"
    graph = parse(text, SHAPES)
    used = {name: POINT[name] for name in POINT if name in graph}
    theirs = np.asarray(
        jax.jacfwd(lambda x: by_jax(text, x=x))(jnp.asarray(POINT["x"]))
    )
    linear = jacobian_map(graph, "x")
    close(matrix(linear, used), theirs, f"J of {text}")
    close(matrix(transposed_jacobian_map(graph, "x"), used).T, theirs, f"Jᵀ of {text}")
    shown = matrix_text(linear)
    if shown:
        close(written(shown, theirs.shape), theirs, f"{shown} of {text}")


# ---- the command ----


def test_order_2_of_a_tensor_is_its_hessian_with_numbers():
    result = run_diff(
        "xᵀAx", "--order", "2", "--at", "x=[1,1],A=[[1,2],[3,4]]", "--wrt", "x"
    )
    assert result.exit_code == 0
    assert "∂²f/∂x² = A + A.T   (2, 2)" in result.stdout
    assert "= [[2.0, 5.0], [5.0, 8.0]] at the point given" in result.stdout
    assert "reads as: x.T @ A @ x" in result.stderr


COMMANDS = [
    (["x^2 y^3", "--order", "2", "--wrt", "x,y", "--at", "x=1,y=2"],
     "∂²f/∂x∂y = 6*x*y**2\n  = 24.0 at the point given"),
    (["x^2 y^3", "--order", "3", "--wrt", "x,x,y"], "∂³f/∂x∂x∂y = 6*y**2"),
    (["xᵀAy", "--order", "2", "--wrt", "x,y"], "∂²f/∂x∂y = A   (n, m)"),
    (["W x", "--jacobian", "--wrt", "x", "--at", "W=[[1,2],[3,4],[5,6]],x=[1,2]"],
     "∂f/∂x = W   (3, 2)\n  = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]"),
    (["x: (n,)\nx^2", "--along", "v"], "(∂f/∂x) v = 2*x*v"),
    (["x^2", "--along", "v", "--at", "x=[1,2],v=[1,1]"], "= [2.0, 4.0] at the point"),
    (["x^2", "--from", "u", "--at", "x=[1,2],u=[0,1]"], "= [0.0, 4.0] at the point"),
    (["sum(x^3)", "--order", "2", "--along", "v", "--at", "x=[1,2],v=[1,0]"],
     "= [6.0, 0.0] at the point"),
    (["x = [1, 2]\nsum(x^3)", "--order", "2"], "∂²f/∂x² = 6*diag(x)   (2, 2)"),
    (["A: (n, n)\nsum((A @ A)^2)", "--order", "2"], "(∂²f/∂A²) v = "),
]  # fmt: skip


@pytest.mark.parametrize(
    "args, shown", COMMANDS, ids=[" ".join(a) for a, _ in COMMANDS]
)
def test_the_command_shows_what_it_names(args, shown):
    result = run_diff(*args)
    assert result.exit_code == 0, result.output
    assert (
        shown in result.stdout and "(agrees with finite differences)" in result.stdout
    )


def test_json_of_a_hessian():
    args = ["xᵀAx", "--order", "2", "--wrt", "x", "--at", "x=[1,1],A=[[1,2],[3,4]]"]
    data = json.loads(run_diff(*args, "--json").stdout)
    assert data["derivative"] == "A + A.T" and data["kind"] == "hessian"
    assert data["shape"] == [2, 2] and data["value"] == [[2.0, 5.0], [5.0, 8.0]]
    assert data["verified"] is True and data["order"] == 2


USAGE = [
    (["sum(x^3)", "--order", "3", "--at", "x=[1,2]"], "--order 3 is for numbers"),
    (["v^2 x", "--along", "v", "--wrt", "v"], "v is in the formula: another name"),
    (["x*y", "--order", "2", "--wrt", "x,y,x"], "has 3 inputs for --order 2"),
]


@pytest.mark.parametrize("args, words", USAGE)
def test_what_has_no_matrix_is_refused(args, words):
    result = run_diff(*args)
    assert result.exit_code == 2 and words in result.output
