"""Structural gates and losses: values and adjoints against JAX on random tensors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gate_checks import (
    LABELS,
    STRUCTURAL,
    check_adjoint,
    check_first,
    check_opened,
    check_second,
    tensors,
)
from test_gates_movement import CASES as MOVEMENT_CASES
from test_gates_movement import OPENED as MOVEMENT_OPENED
from test_gates_recurrence import CASES as RECURRENCE_CASES
from test_gates_recurrence import OPENED as RECURRENCE_OPENED
from test_gates_windows import CASES as WINDOW_CASES
from test_gates_windows import OPENED as WINDOW_OPENED

from gradtutor.calculus import backward_graph
from gradtutor.calculus.composites import composites, open_gates
from gradtutor.evaluate import node_values, run
from gradtutor.gates import GATES
from gradtutor.graph import check_graph, with_shapes
from gradtutor.language import SourceError, parse, parse_formula

#: Rows in which the largest and the smallest value stand twice.
TIED = np.array([[1.0, 5.0, 5.0, 1.0], [2.0, 2.0, 2.0, 2.0], [0.0, 1.0, 0.0, 3.0]])
ODDS = np.random.default_rng(4).uniform(0.05, 0.95, size=(3, 4))
TRUTH = np.array([[1.0, 0.0, 0.0, 1.0], [0.0] * 4, [1.0, 1.0, 0.0, 1.0]])


def cross_entropy(z, y):
    return -picked(jax.nn.log_softmax(z), y).mean()


def picked(a, labels):
    """Return the element of each row that its label names."""
    return jnp.take_along_axis(a, jnp.asarray(labels)[..., None], -1)[..., 0]


def binary_cross_entropy(p, t):
    return -(t * jnp.log(p) + (1 - t) * jnp.log1p(-p)).mean()


def svm(s, labels):
    """Sum relu(s_j - s_y + 1) over the wrong j, averaged over rows (CS231n)."""
    margins = jax.nn.relu(s - picked(s, labels)[..., None] + 1)
    wrong = 1 - jax.nn.one_hot(labels, s.shape[-1])
    return (margins * wrong).sum(-1).mean()


def quadratic(a, t):
    rows = a.shape[0] if a.ndim > 1 else 1
    return ((a - t) ** 2).sum() / (2 * rows)


M, V, W, S = (3, 4), (4,), (4, 2), (3, 3)
REDUCTIONS = {"sum": jnp.sum, "mean": jnp.mean, "amax": jnp.max, "amin": jnp.min}

# gate, text, shapes of a and b (or an array to stand for itself), what JAX computes
CASES = [
    # ---- products ----
    ("matmul", "a @ b", (M, W), lambda a, b: a @ b),
    ("matmul", "a @ b", (M, V), lambda a, b: a @ b),
    ("matmul", "a @ b", (V, W), lambda a, b: a @ b),
    ("matmul", "a @ b", (V, V), lambda a, b: a @ b),
    ("matmul", "a @ a", ((3, 3),), lambda a: a @ a),
    ("matmul", "a.T @ a", (M,), lambda a: a.T @ a),
    ("matmul", "a @ b", ((1, 1), (1, 1)), lambda a, b: a @ b),
    ("outer", "outer(a, b)", (V, (3,)), jnp.outer),
    ("outer", "outer(a, a)", (V,), lambda a: jnp.outer(a, a)),
    ("transpose", "a.T", (M,), lambda a: a.T),
    ("transpose", "a.T", (V,), lambda a: a.T),
    ("transpose", "a.T", ((2, 3, 4),), lambda a: a.T),
    ("stop_gradient", "a*stop_gradient(a)", (M,),
     lambda a: a * jax.lax.stop_gradient(a)),
    # ---- matrices ----
    ("diag", "diag(a)", (V,), jnp.diag),
    ("diag", "diag(a)", (S,), jnp.diag),
    ("eye", "eye(a)*a", (S,), lambda a: jnp.eye(3) * a),
    ("eye", "eye(a) @ a", (V,), lambda a: a),
    ("trace", "tr(a)", (S,), jnp.trace),
    ("trace", "trace(a.T @ a)", (M,), lambda a: jnp.trace(a.T @ a)),
    ("inv", "inv(a)", (S,), jnp.linalg.inv),
    ("inv", "inv(a @ a.T)", ((2, 3),), lambda a: jnp.linalg.inv(a @ a.T)),
    ("solve", "solve(a, b)", (S, (3,)), jnp.linalg.solve),
    ("solve", "solve(a, b)", (S, (3, 2)), jnp.linalg.solve),
    ("solve", "solve(a, a)", (S,), lambda a: jnp.linalg.solve(a, a)),
    ("det", "det(a)", (S,), jnp.linalg.det),
    ("det", "det(a)", ((1, 1),), jnp.linalg.det),
    ("det", "det(a)", ((2, 2),), jnp.linalg.det),
    ("cofactor", "cofactor(a)", (S,), lambda a: jax.grad(jnp.linalg.det)(a)),
    ("logdet", "logdet(a @ a.T)", ((2, 3),),
     lambda a: jnp.linalg.slogdet(a @ a.T)[1]),
    *[("kron", "kron(a, b)", pair, jnp.kron)
      for pair in (((2, 3), (3, 2)), (V, (3,)), ((2, 2), (1, 3)), ((1,), (1,)))],
    ("kron", "kron(a, a)", ((2, 2),), lambda a: jnp.kron(a, a)),
    ("kron_left", "kron_left(a, b)", ((6, 6), (3, 2)),
     lambda a, b: jnp.einsum("ipjq,pq->ij", a.reshape(2, 3, 3, 2), b)),
    ("kron_left", "kron_left(a, b)", ((6,), (3,)), lambda a, b: a.reshape(2, 3) @ b),
    ("kron_right", "kron_right(a, b)", ((6, 6), (2, 3)),
     lambda a, b: jnp.einsum("ipjq,ij->pq", a.reshape(2, 3, 3, 2), b)),
    ("kron_right", "kron_right(a, b)", ((6,), (2,)), lambda a, b: b @ a.reshape(2, 3)),
    # ---- singular values ----
    *[(gate, text, (shape,), lambda a, order=order: jnp.linalg.norm(a, order))
      for gate, text, order in (
          ("singular_value", "spectral_norm(a)", 2),
          ("singular_value", "singular_value(a, place=-1)", -2),
          ("nuclear_norm", "nuclear_norm(a)", "nuc"))
      for shape in (S, (2, 4), (4, 2))],
    *[(gate, text, (shape,), lambda a, order=order: jax.grad(
        lambda a: jnp.linalg.norm(a, order))(a))
      for gate, text, order in (
          ("singular_pair", "singular_pair(a)", 2),
          ("singular_pair", "singular_pair(a, place=-1)", -2),
          ("polar", "polar(a)", "nuc"))
      for shape in (S, (2, 4), (4, 2))],
    # ---- reductions ----
    *[
        (name, f"{name}(a, axis={axis}, keepdims={keep})", (shape,),
         lambda a, f=f, axis=axis, keep=keep: f(a, axis, keepdims=keep))
        for name, f in REDUCTIONS.items()
        for axis in (None, 0, -1, (0, 1), (0, -1), (1,))
        for keep in (False, True)
        for shape in (M, TIED, (2, 3, 4))
    ],
    *[(name, f"{name}(a)", (shape,), f)
      for name, f in REDUCTIONS.items() for shape in ((), V, M, (1,))],
    ("amax", "max(a)", (TIED,), jnp.max),
    ("amin", "min(a, dim=1)", (TIED,), lambda a: jnp.min(a, 1)),
    ("mean", "mean(a, axis=())", (M,), lambda a: a),
    ("size", "size(a)*sum(a)", (M,), lambda a: 12.0 * a.sum()),
    ("size", "size(a, axis=0)*sum(a)", (M,), lambda a: 3.0 * a.sum()),
    ("size", "size(a, axis=(0, -1))*sum(a)", ((2, 3, 4),), lambda a: 8.0 * a.sum()),
    # ---- copies ----
    ("broadcast", "broadcast(a, b)", (V, M), lambda a, b: jnp.broadcast_to(a, M)),
    ("broadcast", "broadcast(a, b)", ((), M), lambda a, b: jnp.broadcast_to(a, M)),
    ("broadcast", "broadcast(a, b)", ((3, 1), M), lambda a, b: jnp.broadcast_to(a, M)),
    ("broadcast", "broadcast(a, b)", ((1, 4), M), lambda a, b: jnp.broadcast_to(a, M)),
    ("broadcast", "broadcast(a, b, axis=0)", (V, M), lambda a, b: jnp.tile(a, (3, 1))),
    *[("broadcast", f"broadcast(a, b, axis={axis})", ((3,), M),
       lambda a, b: jnp.tile(a[:, None], (1, 4))) for axis in (1, -1, (1,))],
    # ---- classification ----
    *[("softmax", f"softmax(a, axis={axis})", (shape,),
       lambda a, axis=axis: jax.nn.softmax(a, axis))
      for axis in (-1, 0, (0, 1), None) for shape in (M, TIED)],
    ("softmax", "softmax(a)", (V,), jax.nn.softmax),
    ("softmax", "softmax(a)", (np.array([1000.0, -1000.0, 999.0]),), jax.nn.softmax),
    *[("logsumexp", f"logsumexp(a, axis={axis}, keepdims={keep})", (shape,),
       lambda a, axis=axis, keep=keep: jax.nn.logsumexp(a, axis, keepdims=keep))
      for axis in (-1, 0, (0, 1), None)
      for keep in (False, True) for shape in (M, TIED)],
    ("logsumexp", "logsumexp(a)", (np.array([1000.0, -1000.0, 999.0]),),
     jax.nn.logsumexp),
    ("one_hot", "one_hot(y, a)*a", (M,), lambda a: jax.nn.one_hot(LABELS, 4) * a),
    # ---- losses ----
    ("cross_entropy", "cross_entropy(a, y)", (M,), lambda a: cross_entropy(a, LABELS)),
    ("cross_entropy", "cross_entropy(a, y)", (TIED * 300,),
     lambda a: cross_entropy(a, LABELS)),
    ("cross_entropy", "cross_entropy(a, k)", (V,),
     lambda a: cross_entropy(a, jnp.array(2))),
    *[("mse_loss", "mse(a, b)", (shape, shape), lambda a, b: ((a - b) ** 2).mean())
      for shape in ((), V, M, (2, 3, 4))],
    *[("quadratic_cost", "quadratic_cost(a, b)", (shape, shape), quadratic)
      for shape in ((), V, M)],
    *[("cross_entropy_slope", f"cross_entropy_slope(a, {y})", (shape,),
       lambda a, labels=labels: jax.grad(cross_entropy)(a, labels))
      for shape, y, labels in ((M, "y", LABELS), (V, "k", jnp.array(2)),
                               (TIED, "y", LABELS))],
    *[("nll_loss", f"nll_loss(a, {y})", (p,),
       lambda a, labels=labels: -jnp.log(picked(a, labels)).mean())
      for p, y, labels in ((ODDS, "y", LABELS), (ODDS[0], "k", jnp.array(2)))],
    *[("binary_cross_entropy", "bce(a, b)", (p, t), binary_cross_entropy)
      for p, t in ((ODDS, TRUTH), (ODDS[0], TRUTH[0]), (ODDS[0, 0], TRUTH[0, 1]),
                   (ODDS, ODDS[::-1].copy()))],
    *[("bce_with_logits", "bce_with_logits(a, b)", (z, t),
       lambda a, b: (jax.nn.softplus(a) - b * a).mean())
      for z, t in ((M, TRUTH), ((), TRUTH[0, 0]), (TIED * 300, TRUTH), (M, M),
                   (-TIED * 300, TRUTH))],
    *[("hinge_loss", "hinge(a, b)", (s, t),
       lambda a, b: jax.nn.relu(1 - a * b).mean())
      for s, t in ((M, 2 * TRUTH - 1), (V, V), ((), ()), (TIED, 2 * TRUTH - 1))],
    *[("svm_loss", f"svm_loss(a, {y})", (s,), lambda a, labels=labels: svm(a, labels))
      for s, y, labels in ((M, "y", LABELS), (V, "k", jnp.array(2)),
                           (TIED * 3, "y", LABELS), (TIED, "y", LABELS))],
    # ---- broadcasting in pointwise gates ----
    ("add", "a + b", (M, V), lambda a, b: a + b),
    ("mul", "a * b", ((3, 1), (1, 4)), lambda a, b: a * b),
    ("mul", "a * b", ((3, 1), V), lambda a, b: a * b),
    ("mul", "a * b", ((), M), lambda a, b: a * b),
    ("mul", "a * b", ((1,), ()), lambda a, b: a * b),
    ("div", "a / (2 + b*b)", (V, (2, 3, 1)), lambda a, b: a / (2 + b * b)),
    ("sub", "a - b", ((1, 1, 1), M), lambda a, b: a - b),
    ("max", "max(a, b)", (M, V), jnp.maximum),
    ("max", "max(a, 0.0)", (M,), lambda a: jnp.maximum(a, 0.0)),
    ("where", "where(a > 0, a, b)", (M, (3, 1)), lambda a, b: jnp.where(a > 0, a, b)),
    ("where", "a if a > b else 2*b", (M, ()), lambda a, b: jnp.where(a > b, a, 2 * b)),
    ("relu", "relu(a @ b)", (M, W), lambda a, b: jax.nn.relu(a @ b)),
    ("leaky_relu", "leaky_relu(a, b)", (M, ()),
     lambda a, b: jnp.where(a > 0, a, b * a)),
    ("pow", "(a*a + 1)**b", (M, V), lambda a, b: (a * a + 1) ** b),
]  # fmt: skip
IDS = [f"{i}-{text}" for i, (_, text, *_) in enumerate(CASES)]


#: Slopes of singular values, which have none themselves: their norms' orders.
TURNS = [("singular_pair_slope", 2), ("polar_slope", "nuc")]


@pytest.mark.parametrize("shape", [S, (2, 4), (4, 2)])
@pytest.mark.parametrize("gate, order", TURNS)
def test_singular_vectors_turn_as_jax_has_it(gate, order, shape):
    a, w = np.random.default_rng(5).normal(size=(2, *shape))
    slope = jax.grad(lambda a: jnp.linalg.norm(a, order))
    given = {"a": a, "w": w}
    shapes = {"a": shape, "w": shape}
    graph = parse_formula(f"{gate}(a, w)", shapes)
    ours = node_values(graph, given)[graph.graph["output"]]
    np.testing.assert_allclose(ours, jax.jvp(slope, (a,), (w,))[1], rtol=1e-9)


def test_every_structural_gate_is_in_the_table_of_cases():
    everything = [*CASES, *TURNS, *MOVEMENT_CASES, *WINDOW_CASES, *RECURRENCE_CASES]
    assert set(STRUCTURAL) == {case[0] for case in everything} & set(STRUCTURAL)


@pytest.mark.sampled(12)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_value_and_gradients_equal_jax(case):
    check_first(case)


SECOND = [case for case in CASES if case[0] not in ("singular_pair", "polar")]


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    "case", SECOND[:200:4] + SECOND[200:], ids=lambda case: case[1]
)
def test_second_derivatives_equal_jax(case):
    check_second(case)


# ---- the dot-product test: ⟨A x, u⟩ = ⟨x, Aᵀ u⟩ ----

LINEAR = [
    # text in a, shape of a
    ("a @ K", (3, 4)),
    ("K.T @ a", (4,)),
    ("a.T", (3, 4)),
    ("outer(a, k)", (4,)),
    ("sum(a, axis=0)", (3, 4)),
    ("sum(a, axis=1, keepdims=True)", (3, 4)),
    ("mean(a, axis=1)", (3, 4)),
    ("broadcast(a, K)", (2,)),
    ("a*K", (4, 1)),
    ("-a/3 + a - a*2", (5,)),
]


@pytest.mark.parametrize("text, shape", LINEAR)
def test_the_adjoint_of_a_linear_map_passes_the_dot_product_test(text, shape):
    check_adjoint(text, shape, {"K": (4, 2), "k": (3,)})


# ---- composites, opened and closed ----

ROW_LOSSES = ("cross_entropy", "cross_entropy_slope", "svm_loss")
OPENED = [
    # gate, argument shapes, attributes
    *[(name, (S,), {}) for name in ("trace", "cofactor")],
    ("logdet", (np.array([[2.0, 0.3], [-0.4, 1.5]]),), {}),
    *[("solve", (S, right), {}) for right in ((3,), (3, 2))],
    ("softmax", (M,), {"axis": -1}),
    ("softmax", (M,), {"axis": 0}),
    ("logsumexp", (M,), {"axis": -1, "keepdims": False}),
    ("logsumexp", (M,), {"axis": None, "keepdims": True}),
    *[(name, (M, LABELS), {}) for name in ROW_LOSSES],
    *[(name, (V, np.array(2)), {}) for name in ROW_LOSSES],
    ("nll_loss", (ODDS, LABELS), {}),
    ("nll_loss", (ODDS[0], np.array(2)), {}),
    ("binary_cross_entropy", (ODDS, TRUTH), {}),
    ("binary_cross_entropy", (ODDS[0, 0], TRUTH[0, 1]), {}),
    *[(name, (shape, shape), {})
      for name in ("bce_with_logits", "hinge_loss") for shape in ((), V, M)],
    *[("mse_loss", (shape, shape), {}) for shape in ((), V, M)],
    *[("quadratic_cost", (shape, shape), {}) for shape in ((), V, M)],
]  # fmt: skip


def test_every_gate_that_opens_is_in_the_table():
    everything = [*OPENED, *MOVEMENT_OPENED, *WINDOW_OPENED, *RECURRENCE_OPENED]
    opens = {name for name in STRUCTURAL if GATES[name].opened}
    assert {case[0] for case in everything} | {"stop_gradient"} == opens  # see below


def test_a_stop_is_opened_behind_the_backward_pass_alone():
    graph = parse("x*stop_gradient(x*x)")
    assert "stop_gradient" not in composites()
    opened = open_gates(graph, ["stop_gradient"])
    assert run(opened, {"x": 2.0}).node_gradients["x"] == 4.0


@pytest.mark.parametrize("gate, shapes, attrs", OPENED)
def test_an_opened_gate_equals_the_closed_one_and_so_do_its_gradients(
    gate, shapes, attrs
):
    check_opened(gate, list(tensors(shapes).values()), attrs)


# ---- shapes that do not fit ----

MISFITS = [
    ("a: (3,)\nb: (4,)\na + b", "do not broadcast"),
    ("a: (3, 4)\nb: (3, 4)\na @ b", "inner sizes 4 and 3 differ"),
    ("a: (2, 3, 4)\nb: (4,)\na @ b", "vectors and matrices"),
    ("a: ()\nb: (3,)\na @ b", "vectors and matrices"),
    ("a: (3, 1)\nb: (3,)\nouter(a, b)", "two vectors"),
    ("a: (3,)\nsum(a, axis=1)", "axis 1 is outside"),
    ("a: (3,)\nmean(a, axis=-2)", "axis -2 is outside"),
    ("a: (3, 4)\namax(a, axis=(0, 0))", "twice"),
    ("a: (3, 4)\nsum(a, axis=(1, -1))", "twice"),
    ("a: (3,)\nsoftmax(a, axis=1)", "axis 1 is outside"),
    ("a: ()\nsoftmax(a)", "axis -1 is outside"),
    ("a: (3,)\nsize(a, axis=1)", "axis 1 is outside"),
    ("a: ()\nlogsumexp(a)", "axis -1 is outside"),
    ("a: (3,)\nb: (4,)\nbroadcast(a, b)", "do not broadcast"),
    ("a: (3, 4)\nb: (4,)\nbroadcast(a, b)", "does not fill"),
    ("a: (3,)\nb: (1,)\nbroadcast(a, b)", "does not fill"),
    ("a: (3,)\nb: (3, 4)\nbroadcast(a, b, axis=(0, 1))", "does not fill"),
    ("a: (3,)\nb: (2, 4)\none_hot(a, b)", "do not fit scores"),
    ("a: (3, 4)\nb: (4,)\ncross_entropy(a, b)", "one label per row"),
    ("a: (3,)\nb: (3, 1)\nmse(a, b)", "must have the output's shape"),
    ("a: (3,)\nb: (3, 1)\nquadratic_cost(a, b)", "must have the output's shape"),
    ("a: (3,)\nb: (3, 1)\nbce(a, b)", "must have the output's shape"),
    ("a: (3,)\nb: (4,)\nbce_with_logits(a, b)", "must have the output's shape"),
    ("a: (3, 4)\nb: (4,)\nhinge(a, b)", "must have the output's shape"),
    ("a: (3, 4)\nb: (4,)\nsvm_loss(a, b)", "one label per row"),
    ("a: (3, 4)\nb: (3, 4)\nnll_loss(a, b)", "one label per row"),
    ("a: ()\nb: ()\ncross_entropy_slope(a, b)", "one label per row"),
    ("a: (N, 3)\nb: (M,)\na + b", "(N, 3) and (M,) do not broadcast"),
]


@pytest.mark.parametrize("text, words", MISFITS)
def test_shapes_that_do_not_fit_are_told_in_words(text, words):
    with pytest.raises(SourceError) as caught:
        parse_formula(text)
    assert words in caught.value.message


def test_symbolic_sizes_flow_through_a_network():
    text = (
        "x: (N, 784)\nW: (784, 10)\nb: (10,)\ny: (N,)\nz = x@W + b\ncross_entropy(z, y)"
    )
    graph = parse_formula(text)
    assert graph.nodes["z"]["shape"] == ("N", 10)
    backward = backward_graph(graph, wrt=["W", "b"])
    check_graph(backward.graph)
    shapes = {n: backward.graph.nodes[backward.of_node[n]]["shape"] for n in ("W", "b")}
    assert shapes == {"W": (784, 10), "b": (10,)}
    with_shapes(graph, {"x": (5, 784), "y": (5,)})
