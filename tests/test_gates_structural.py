"""Structural gates and losses: values and adjoints against JAX on random tensors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)

from gradtutor.calculus import backward_graph
from gradtutor.calculus.tape import GraphTape
from gradtutor.evaluate import node_values, run
from gradtutor.gates import GATES, Call, Structural
from gradtutor.graph import add_input, check_graph, new_graph, with_shapes
from gradtutor.language import SourceError, parse_formula

STRUCTURAL = [name for name, gate in GATES.items() if isinstance(gate, Structural)]
LABELS = np.array([2, 0, 3])
#: Rows in which the largest and the smallest value stand twice.
TIED = np.array([[1.0, 5.0, 5.0, 1.0], [2.0, 2.0, 2.0, 2.0], [0.0, 1.0, 0.0, 3.0]])


def cross_entropy(z, y):
    picked = jnp.take_along_axis(jax.nn.log_softmax(z), y[..., None], -1)
    return -picked.mean()


def quadratic(a, t):
    rows = a.shape[0] if a.ndim > 1 else 1
    return ((a - t) ** 2).sum() / (2 * rows)


M, V, W = (3, 4), (4,), (4, 2)
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


def tensors(shapes, seed=0):
    """Return a case's named arguments, random where only a shape is given."""
    rng = np.random.default_rng(seed)
    made = [s if isinstance(s, np.ndarray) else rng.normal(size=s) for s in shapes]
    return dict(zip("ab", made, strict=False))


def same(ours, theirs, what):
    """Compare tensors to nine digits; a failure prints both."""
    theirs = np.asarray(theirs)
    assert np.shape(ours) == theirs.shape, f"{what}: {np.shape(ours)} {theirs.shape}"
    scale = max(1.0, float(np.max(abs(theirs), initial=0)))
    wrong = abs(ours - theirs) > 1e-9 * abs(theirs) + 1e-13 * scale
    assert not np.any(wrong), f"{what}\ngradtutor {ours}\nJAX       {theirs}"


def test_every_structural_gate_is_in_the_table_of_cases():
    assert set(STRUCTURAL) <= {case[0] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_value_and_gradients_equal_jax(case):
    _, text, shapes, function = case
    given = tensors(shapes)
    names = list(given)
    out = function(*map(jnp.asarray, given.values()))
    u = np.random.default_rng(1).normal(size=out.shape)
    everything = given | {"u": u, "y": LABELS, "k": 2}
    graph = unshaped(f"v = {text}\nf = sum(v*u)", everything)
    known = {key: x for key, x in everything.items() if key in graph}
    trace = run(graph, known)
    check_graph(trace.graph)
    check_graph(trace.backward.graph)
    same(trace.values["v"], out, f"value of {text}")

    def weighted(*args):
        return (function(*args) * u).sum()

    which = tuple(range(len(names)))
    slopes = jax.grad(weighted, which)(*given.values())
    for name, theirs in zip(names, slopes, strict=True):
        same(trace.node_gradients[name], theirs, f"gradient of {text} by {name}")


def unshaped(text, everything):
    """Parse with the shapes of the values that the text uses."""
    return parse_formula(text, {key: np.shape(x) for key, x in everything.items()})


@pytest.mark.parametrize("case", CASES[::4] + CASES[-25:], ids=lambda case: case[1])
def test_second_derivatives_of_a_tensor_output_equal_jax(case):
    """The backward graph of the backward graph, its output summed: ΣH."""
    _, text, shapes, function = case
    given = tensors(shapes)
    everything = given | {"y": LABELS, "k": 2}
    graph = unshaped(text, everything)
    known = {key: x for key, x in everything.items() if key in graph}
    first = backward_graph(graph)
    check_graph(first.graph)
    which = tuple(range(len(given)))

    def total_slope(*args):
        return jax.grad(lambda *xs: function(*xs).sum(), 0)(*args).sum()

    theirs = jax.grad(total_slope, which)(*given.values())
    second = backward_graph(first.graph, first.of_node["a"])
    check_graph(second.graph)
    values = node_values(second.graph, known, second.of_node.values())
    for name, other in zip(given, theirs, strict=True):
        node = second.of_node.get(name)
        ours = np.zeros(given[name].shape) if node is None else values[node]
        same(ours, other, f"second derivative of {text} by {name}")


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
    rng = np.random.default_rng(3)
    x, K, k = rng.normal(size=shape), rng.normal(size=(4, 2)), rng.normal(size=3)
    out = run(
        unshaped(f"v = {text}", {"a": x, "K": K, "k": k}), {"a": x, "K": K, "k": k}
    )
    u = rng.normal(size=out.values["v"].shape)
    given = {"a": x, "K": K, "k": k, "u": u}
    trace = run(unshaped(f"sum(({text})*u)", given), given)
    forward = float(np.sum(out.values["v"] * u))
    backward = float(np.sum(x * trace.node_gradients["a"]))
    assert forward == pytest.approx(backward, rel=1e-12), (forward, backward)


# ---- composites, opened and closed ----

OPENED = [
    # gate, argument shapes, attributes
    ("softmax", (M,), {"axis": -1}),
    ("softmax", (M,), {"axis": 0}),
    ("logsumexp", (M,), {"axis": -1, "keepdims": False}),
    ("logsumexp", (M,), {"axis": None, "keepdims": True}),
    ("cross_entropy", (M, (3,)), {}),
    ("cross_entropy", (V, ()), {}),
    *[("mse_loss", (shape, shape), {}) for shape in ((), V, M)],
    *[("quadratic_cost", (shape, shape), {}) for shape in ((), V, M)],
]


def test_every_gate_that_opens_is_in_the_table():
    assert {case[0] for case in OPENED} == {n for n in STRUCTURAL if GATES[n].opened}


@pytest.mark.parametrize("gate, shapes, attrs", OPENED)
def test_an_opened_gate_equals_the_closed_one_and_so_do_its_gradients(
    gate, shapes, attrs
):
    rng = np.random.default_rng(5)
    given = {name: rng.normal(size=s) for name, s in zip("ab", shapes, strict=False)}
    if gate == "cross_entropy":
        given["b"] = rng.integers(0, 4, size=shapes[1])
    results = []
    for opened in (False, True):
        graph = new_graph()
        args = tuple(add_input(graph, name, x.shape) for name, x in given.items())
        tape = GraphTape(graph)
        call = Call(args, "", attrs)
        out = (
            GATES[gate].opened(tape, call)
            if opened
            else tape.gate(gate, *args, **attrs)
        )
        weight = tape.gate("sin", tape.gate("mul", out, tape.number(3.0)))
        graph.graph["output"] = tape.gate("sum", weight, axis=None, keepdims=False)
        check_graph(graph)
        trace = run(graph, given)
        results.append([trace.values[out], *trace.input_gradients().values()])
    for closed, opened in zip(*results, strict=True):
        same(closed, opened, gate)


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
