"""Derivatives by vectors and matrices as a textbook has them; JAX is the witness."""

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
from gradtutor.evaluate import node_values

RNG = np.random.default_rng(3)
n, m = 3, 4
A, B, S, X = (RNG.normal(size=(n, n)) for _ in range(4))
x, y, u = (RNG.normal(size=n) for _ in range(3))
R, w, t = RNG.normal(size=(m, n)), RNG.normal(size=n), RNG.normal(size=m)

# what is written, by what, its textbook form, the values, what JAX computes
FORMS = [
    # ---- the documented examples of matrixcalculus.org ----
    ("0.5*x'*A*x", "x", "0.5*(A + A.T) @ x", {"x": x, "A": A},
     lambda x, A: 0.5 * x @ A @ x),
    ("(y.*v)'*x", "y", "v*x", {"y": y, "v": u, "x": x}, lambda y, v, x: (y * v) @ x),
    ("a^b", "a", "b*a**(b - 1)", {"a": 1.5, "b": 2.5}, lambda a, b: a**b),
    ("norm1(A*x-y)", "x", "A.T @ sign(A @ x - y)", {"x": w, "A": R, "y": t},
     lambda x, A, y: jnp.abs(A @ x - y).sum()),
    ("norm2(A*x-y)^2", "x", "2*A.T @ (A @ x - y)", {"x": w, "A": R, "y": t},
     lambda x, A, y: ((A @ x - y) ** 2).sum()),
    ("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "-X.T @ (y/(exp(y*(X @ w)) + 1))",
     {"w": w, "X": R, "y": t},
     lambda w, X, y: jnp.log(jnp.exp(-y * (X @ w)) + 1).sum()),
    ("tr(A*X'*B*X*C)", "X", "B @ X @ C @ A + B.T @ X @ A.T @ C.T",
     {"X": X, "A": A, "B": B, "C": S},
     lambda X, A, B, C: jnp.trace(A @ X.T @ B @ X @ C)),
    ("log(det(inv(X)))", "X", "-inv(X).T", {"X": X @ X.T},
     lambda X: jnp.log(jnp.linalg.det(jnp.linalg.inv(X)))),
    # ---- matrices ----
    ("xᵀAx", "x", "(A + A.T) @ x", {"x": x, "A": A}, lambda x, A: x @ A @ x),
    ("xᵀAx", "A", "outer(x, x)", {"A": A, "x": x}, lambda A, x: x @ A @ x),
    ("tr(A X)", "X", "A.T", {"X": X, "A": A}, lambda X, A: jnp.trace(A @ X)),
    ("tr(X.T @ X)", "X", "2*X", {"X": R}, lambda X: jnp.trace(X.T @ X)),
    ("det(X)", "X", "det(X)*inv(X).T", {"X": X}, jnp.linalg.det),
    ("logdet(X)", "X", "inv(X).T", {"X": X @ X.T}, lambda X: jnp.linalg.slogdet(X)[1]),
    ("tr(inv(X) @ A)", "X", "-inv(X).T @ A.T @ inv(X).T", {"X": X, "A": A},
     lambda X, A: jnp.trace(jnp.linalg.inv(X) @ A)),
    ("aᵀX⁻¹b", "X", "-outer(inv(X).T @ a, inv(X) @ b)", {"X": X, "a": x, "b": y},
     lambda X, a, b: a @ jnp.linalg.inv(X) @ b),
    ("solve(A, b) @ c", "b", "inv(A).T @ c", {"b": x, "A": A, "c": y},
     lambda b, A, c: jnp.linalg.solve(A, b) @ c),
    ("sum(kron(A,B))", "A", "sum(B)", {"A": R, "B": B},
     lambda A, B: jnp.kron(A, B).sum()),
    ("norm(A@B-C)^2", "A", "2*(A @ B - C) @ B.T", {"A": R, "B": B, "C": R[::-1]},
     lambda A, B, C: ((A @ B - C) ** 2).sum()),
    ("x'*A*x + c*sin(y)'*x", "x", "(A + A.T) @ x + c*sin(y)",
     {"x": x, "A": A, "c": 0.7, "y": y},
     lambda x, A, c, y: x @ A @ x + c * jnp.sin(y) @ x),
    ("‖Xw - y‖² + λ‖w‖²", "w", "2*(λ*w + X.T @ (X @ w - y))",
     {"w": w, "X": R, "y": t, "λ": 0.3},
     lambda w, X, y, lam: ((X @ w - y) ** 2).sum() + lam * (w**2).sum()),
    ("sum(relu(W@x+b))", "x", "W.T @ [W @ x + b > 0]", {"x": w, "W": R, "b": t},
     lambda x, W, b: jax.nn.relu(W @ x + b).sum()),
    ("norm(A, 2)", "A", "singular_pair(A)", {"A": R}, lambda A: jnp.linalg.norm(A, 2)),
    ("‖A‖_* + λ*‖A‖_F^2", "A", "2*λ*A + polar(A)", {"A": R, "λ": 0.4},
     lambda A, lam: jnp.linalg.norm(A, "nuc") + lam * (A**2).sum()),
    ("nuclear_norm(A @ B)", "A", "polar(A @ B) @ B.T", {"A": R, "B": B},
     lambda A, B: jnp.linalg.norm(A @ B, "nuc")),
    # ---- losses and normalisation, shapes declared ----
    ("a: (n,)\ny: (n,)\nmean((a - y)**2)", "a", "2*(a - y)/size(a)",
     {"a": x, "y": y}, lambda a, y: ((a - y) ** 2).mean()),
    ("z: (K,)\ny: ()\ncross_entropy(z, y)", "z", "softmax(z) - one_hot(y, z)",
     {"z": x, "y": 1}, lambda z, y: -jax.nn.log_softmax(z)[1]),
    ("z: (K,)\nlogsumexp(z)", "z", "softmax(z)", {"z": x}, jax.nn.logsumexp),
    ("x: (n,)\nu: (n,)\nu @ (x/norm(x))", "x", "(u - (u @ x)*x/norm(x)**2)/norm(x)",
     {"x": x, "u": u}, lambda x, u: u @ x / jnp.linalg.norm(x)),
    ("x: (n,)\nu: (n,)\nu @ (x/sqrt(mean(x**2)))", "x",
     "sqrt(size(x))*(u - (u @ x)*x/norm(x)**2)/norm(x)", {"x": x, "u": u},
     lambda x, u: u @ x / jnp.sqrt((x**2).mean())),
    ("x: (n,)\nu: (n,)\nsum(u*(x - mean(x))/std(x))", "x",
     "(u - mean(u) - ((x - mean(x)) @ u)*(x - mean(x))/(size(x)*std(x)**2))/std(x)",
     {"x": x, "u": u}, lambda x, u: (u * (x - x.mean()) / x.std()).sum()),
    ("X: (N, D)\nW: (D, K)\nsum(tanh(X @ W)**2)", "W",
     "2*X.T @ (tanh(X @ W)*(1 - tanh(X @ W)**2))", {"W": A, "X": R},
     lambda W, X: (jnp.tanh(X @ W) ** 2).sum()),
]  # fmt: skip


def diff(text, *options):
    done = CliRunner().invoke(main, ["diff", text, *options, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("text", "by", "expected"),
    [case[:3] for case in FORMS],
    ids=[f"{case[0]}-{case[1]}" for case in FORMS],
)
def test_a_derivative_of_tensors_is_written_as_in_a_textbook(text, by, expected):
    data = diff(text, "--wrt", by)
    assert data["derivative"] == expected
    assert data["verified"] is True


@pytest.mark.sampled(3)
@pytest.mark.parametrize("case", FORMS, ids=[f"{c[0]}-{c[1]}" for c in FORMS])
def test_the_form_has_the_values_of_jax(case):
    _, by, expected, at, function = case
    names = list(at)
    assert names[0] == by
    slope = jax.grad(function)(*[jnp.asarray(value, float) for value in at.values()])
    graph = gt.parse(
        expected, {key: np.shape(value) for key, value in at.items()}
    ).graph
    known = {name: at[name] for name in names if name in graph}
    ours = node_values(graph, known)[graph.graph["output"]]
    np.testing.assert_allclose(np.broadcast_to(ours, slope.shape), slope, rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A*exp(x)", "A @ diag(exp(x))"),  # the ninth example of matrixcalculus.org
        ("A*B*x + c*z", "A @ B"),
        ("sin(A*x)", "diag(cos(A @ x)) @ A"),
        ("x^2*y", "2*x*y"),  # no matrix: numbers
    ],
)
def test_letters_are_matrices_where_a_jacobian_is_asked_for(text, expected):
    data = diff(text, "--wrt", "x", "--jacobian")
    assert (data["derivative"], data["verified"]) == (expected, True)


@pytest.mark.parametrize("order", [2, "nuc"])
def test_the_hessian_of_a_norm_of_singular_values_is_that_of_jax(order):
    data = diff(f"norm(A, {order!r})", "--order", "2", "--at", f"A={R.tolist()}")
    theirs = jax.hessian(lambda a: jnp.linalg.norm(a, order))(jnp.asarray(R))
    np.testing.assert_allclose(data["value"], theirs, rtol=1e-8, atol=1e-12)
    assert data["verified"] is True


def test_the_jacobian_of_a_product_with_a_vector_function():
    data = diff("x: (n,)\nA: (n, n)\nA @ exp(x)", "--wrt", "x", "--jacobian")
    assert data["derivative"] == "A @ diag(exp(x))"


def test_a_form_that_leaves_points_out_says_so():
    assert diff("det(X)")["domain"] == ["det(X) != 0"]
    singular = ["--at", "X=[[1,2],[2,4]]"]
    data = diff("det(X)", *singular)
    np.testing.assert_allclose(data["value"], [[4, -2], [-2, 1]], atol=1e-12)


# ---- shapes by letters ----

LETTERS = [
    ("A @ x", {"A": ("n", "m"), "x": ("m",)}),
    ("mean((X@w-y)^2)", {"X": ("n", "m"), "w": ("m",), "y": ("n",)}),
    ("y*(X@w)", {"X": ("n", "m"), "w": ("m",), "y": ("n",)}),
    ("c*(X@w)", {"X": ("n", "m"), "w": ("m",), "c": ()}),
    ("X@W + b", {"X": ("n", "m"), "W": ("m", "k"), "b": ("k",)}),
    ("det(A)*x", {"A": ("n", "n"), "x": ()}),
    ("norm(x)", {"x": ("n",)}),
    ("λ*A@x", {"λ": (), "A": ("n", "m"), "x": ("m",)}),
    ("sum(x*w)", {"x": (), "w": ()}),
    ("A*exp(x)", {"A": (), "x": ()}),
    ("weights @ data", {"weights": (), "data": ()}),
    ("A ⊙ B", {"A": ("n", "m"), "B": ("n", "m")}),
    ("A ⊗ B", {"A": ("n", "m"), "B": ("k", "p")}),
    ("xᵀ*A*b", {"x": ("n",), "A": ("n", "m"), "b": ("m",)}),
]


@pytest.mark.parametrize(("text", "shapes"), LETTERS, ids=[t for t, _ in LETTERS])
def test_shapes_by_letters(text, shapes):
    graph = gt.parse(text).graph
    assert {name: graph.nodes[name]["shape"] for name in shapes} == shapes


def test_values_say_otherwise_than_letters():
    assert gt.parse("a @ b").value(a=A, b=B).shape == (n, n)


@pytest.mark.parametrize("text", ["X: (3,3)\nsum(X**-1)"])
def test_a_power_with_two_readings_is_refused(text):
    with pytest.raises(gt.SourceError, match="two readings"):
        gt.parse(text)
