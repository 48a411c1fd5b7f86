"""Any stride, padding, dilation, kernel and size: windows and pools against JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from window_oracles import avg_pool, conv, max_pool, pairs_of, windows, xla_pool

from gradtutor.evaluate import run
from gradtutor.gates import GATES
from gradtutor.graph import add_gate, add_input, new_graph

small = st.integers(1, 3)
unhurried = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@st.composite
def geometries(draw):
    """Draw sizes, kernel, stride, padding and dilation of 1 or 2 axes, and a batch."""
    rank = draw(st.integers(1, 2))

    def numbers(one):
        return tuple(draw(st.lists(one, min_size=rank, max_size=rank)))

    sides = st.tuples(st.integers(0, 3), st.integers(0, 3))
    words = st.sampled_from(["same", "valid"])
    sizes, kernel = numbers(st.integers(1, 7)), numbers(st.integers(1, 4))
    stride, dilation = numbers(small), numbers(small)
    padding = draw(words) if draw(st.booleans()) else numbers(sides)
    pairs = pairs_of(padding, kernel, dilation)
    for n, k, d, (before, after) in zip(sizes, kernel, dilation, pairs, strict=True):
        assume(n + before + after > d * (k - 1))
    batch = (draw(small),) * draw(st.booleans())
    return sizes, kernel, stride, padding, dilation, batch


def value_and_gradients(gate, arrays, attrs, u):
    """Return the gate's value and the gradients of ⟨value, u⟩."""
    graph = new_graph()
    args = [add_input(graph, f"x{i}", x.shape) for i, x in enumerate(arrays)]
    full = {**GATES[gate].keywords, **attrs}
    out = add_gate(graph, gate, *args, name="v", **full)
    product = add_gate(graph, "mul", out, add_input(graph, "u", u.shape))
    graph.graph["output"] = add_gate(graph, "sum", product, axis=None, keepdims=False)
    trace = run(graph, dict(zip(args, arrays, strict=True)) | {"u": u})
    return trace.values["v"], [trace.node_gradients[arg] for arg in args]


def agree(gate, arrays, attrs, function):
    """Compare a gate with a function of JAX: value and gradients; return the value."""
    u = np.random.default_rng(9).normal(size=jax.eval_shape(function, *arrays).shape)

    @jax.jit
    def with_gradients(u, *arrays):
        value, back = jax.vjp(function, *arrays)
        return value, back(u)

    value, slopes = with_gradients(u, *arrays)
    ours, gradients = value_and_gradients(gate, arrays, attrs, u)
    np.testing.assert_allclose(ours, value, rtol=1e-10, atol=1e-12)
    for mine, theirs in zip(gradients, slopes, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12)
    return ours


@unhurried
@given(geometries(), small, small, small, st.integers(0, 99))
def test_any_convolution_equals_xla(geometry, groups, out, per_group, seed):
    sizes, kernel, stride, padding, dilation, batch = geometry
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(groups * per_group, *sizes, *batch))
    w = rng.normal(size=(groups * out, per_group, *kernel))
    attrs = {
        "stride": stride, "padding": padding, "dilation": dilation, "groups": groups
    }  # fmt: skip
    agree("conv", [x, w], attrs, lambda x, w: conv(x, w, **attrs))


@unhurried
@given(geometries(), st.booleans(), st.integers(0, 99))
def test_any_pooling_equals_xla(geometry, ties, seed):
    sizes, kernel, stride, padding, dilation, batch = geometry
    pairs = pairs_of(padding, kernel, dilation)
    for (before, after), k in zip(pairs, kernel, strict=True):
        assume(2 * max(before, after) <= k)
    x = np.random.default_rng(seed).normal(size=(2, *sizes, *batch))
    x = np.round(x) if ties else x
    attrs = {"stride": stride, "padding": padding, "dilation": dilation}
    for gate, largest, plain in (
        ("max_pool", True, max_pool),
        ("avg_pool", False, avg_pool),
    ):
        value = xla_pool(x, kernel, stride, padding, dilation, largest)
        assume(np.isfinite(value).all())  # a window of nothing but padding
        ours = agree(
            gate, [x], {"kernel": kernel, **attrs},
            lambda x, plain=plain: plain(x, kernel, **attrs),
        )  # fmt: skip
        np.testing.assert_allclose(ours, value, rtol=1e-10, atol=1e-12)


@unhurried
@given(geometries(), st.integers(0, 99))
def test_any_windows_and_fold_equal_slices(geometry, seed):
    sizes, kernel, stride, _, dilation, batch = geometry
    for n, k, d in zip(sizes, kernel, dilation, strict=True):
        assume(n > d * (k - 1))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *sizes, *batch))
    attrs = {"kernel": kernel, "stride": stride, "dilation": dilation}
    agree("windows", [x], attrs, lambda x: windows(x, **attrs))

    def fold(cut, like):
        return jax.vjp(lambda x: windows(x, **attrs), jnp.zeros_like(like))[1](cut)[0]

    cut = rng.normal(size=windows(x, **attrs).shape)
    agree("fold", [cut, x], attrs, fold)
