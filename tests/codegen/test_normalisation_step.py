"""Steps with normalisation: JAX's gradients in float64, and how often all is read."""

from __future__ import annotations

import math
import runpy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)

from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.codegen.backends import BACKENDS
from gradtutor.codegen.ir.size import product
from gradtutor.codegen.step import step_program
from gradtutor.language import parse_network

DATA = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")
IMAGES = (
    "Sequential([Input(2, 7, 5), BatchNorm2d(2), Conv2d(3, 3), BatchNorm2d(3), Tanh(),"
    " Flatten(), Linear(2)])\nloss = MSELoss()"
)
SIGNALS = (
    "Sequential([Input(2, 9), Conv1d(3, 4, padding='same'), BatchNorm1d(3), Tanh(),"
    " Flatten(), Linear(2)])\nloss = MSELoss()"
)
ROWS = (
    "Sequential([Input(6), Linear(5), BatchNorm1d(5), Tanh(), Linear(4), LayerNorm(4),"
    " Tanh(), Linear(2)])\nloss = MSELoss()"
)


def normal(x, axes, gamma, beta):
    """Ioffe & Szegedy 2015, algorithm 1."""
    centred = x - x.mean(axes, keepdims=True)
    return gamma * centred / jnp.sqrt((centred**2).mean(axes, keepdims=True) + 1e-5) + (
        beta
    )


def convolved(x, w, padding):
    return jax.lax.conv_general_dilated(x, w, (1,) * (x.ndim - 2), padding)


def images(p, X):
    h = normal(jnp.moveaxis(X, -1, 0), (0, 2, 3), p["gamma1"], p["beta1"])
    h = convolved(h, p["W2"], "VALID") + p["b2"]
    h = jnp.tanh(normal(h, (0, 2, 3), p["gamma3"], p["beta3"]))
    return h.reshape(len(h), -1) @ p["W4"] + p["b4"]


def signals(p, X):
    h = convolved(jnp.moveaxis(X, -1, 0), p["W1"], "SAME") + p["b1"]
    h = jnp.tanh(normal(h, (0, 2), p["gamma2"], p["beta2"]))
    return h.reshape(len(h), -1) @ p["W3"] + p["b3"]


def rows(p, X):
    h = normal(X @ p["W1"] + p["b1"], 0, p["gamma2"], p["beta2"])
    h = jnp.tanh(h) @ p["W3"] + p["b3"]
    h = jnp.tanh(normal(h, 1, p["gamma4"], p["beta4"]))
    return h @ p["W5"] + p["b5"]


CASES = {
    "images": (IMAGES, images),
    "signals": (SIGNALS, signals),
    "rows": (ROWS, rows),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", CASES)
def test_a_step_with_normalisation_is_jax_s(name, backend, tmp_path):
    if backend == "numba":
        pytest.importorskip("numba")
    text, theirs = CASES[name]
    graph = parse_network(text)
    path = tmp_path / "script.py"
    path.write_text(training_script(graph, DATA, Settings(backend=backend)), "utf-8")
    script = runpy.run_path(str(path))
    rng = np.random.default_rng(0)
    parameters = {n: rng.normal(0.5, 0.4, s) for n, s in script["SHAPES"].items()}
    shape = graph.nodes["X"]["shape"]
    X = rng.normal(2, 3, [11 if size == "N" else size for size in shape])
    y = rng.normal(size=(11, 2))
    theta = np.concatenate([one.ravel() for one in parameters.values()])
    gradient = np.full_like(theta, np.nan)
    views = script["views"](theta), script["views"](gradient)
    # a channel's numbers are (C, 1, 1, 1) here, and (C, 1, 1) beside (N, C, H, W)
    inside = {
        n: x.reshape(x.shape[:-1]) if x.ndim > 2 and x.shape[1:] == (1,) * (x.ndim - 1)
        else x
        for n, x in parameters.items()
    }  # fmt: skip

    def loss_of(p):
        return jnp.mean((theirs(p, X) - y) ** 2)

    expected, slopes = jax.value_and_grad(loss_of)(inside)
    for _ in range(2):  # the second time in arrays that have been used
        loss = script["loss_and_gradients"](*views, X, y)
        assert loss == pytest.approx(float(expected), rel=1e-9)
        for one, found in zip(script["SHAPES"], views[1], strict=True):
            wanted = np.asarray(slopes[one]).reshape(found.shape)
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-11)


NORM = (
    "Sequential([Input(3, 16, 16), Conv2d(64, 3, bias=False), BatchNorm2d(64), ReLU(),"
    " Flatten(), Linear(3)])\nloss = CrossEntropyLoss()"
)


def passes_over(backend):
    """Count the operations that read or write all numbers of the normalised layer."""
    _, program, _ = step_program(parse_network(NORM), Settings(backend=backend))
    for one in BACKENDS[backend].before_printing:
        program = one(program)
    whole = 64 * 14 * 14
    sizes = [
        [product(array.shape) for array in (*op.read, *op.written)]
        for op in program.ops
    ]
    big = [
        op
        for op, found in zip(program.ops, sizes, strict=True)
        if any(size.names and size.count == whole for size in found)
    ]
    between = [op for op in big if not {"matmul", "copy"} & {op.kind}]
    return [op.kind for op in between]


@pytest.mark.parametrize(
    ("backend", "most"), [("numpy", 13), ("numba", 9), ("cupy", 8)]
)
def test_batch_normalisation_passes_over_its_numbers_a_few_times(backend, most):
    """With ReLU and its mask; 18 + 3 in NumPy before factors left the sums."""
    kinds = passes_over(backend)
    assert 4 < len(kinds) <= most, kinds


def test_no_digits_are_lost_where_the_mean_is_large(tmp_path):
    """A mean 10³ times the deviation: z is centred before it is squared."""
    layers = "Input(3, 60), BatchNorm1d(3), Flatten(), Linear(1)"
    graph = parse_network(f"Sequential([{layers}])\nloss = MSELoss()")
    path = tmp_path / "script.py"
    path.write_text(training_script(graph, DATA, Settings()), "utf-8")
    script, found = runpy.run_path(str(path)), []
    X = 1e3 + np.random.default_rng(0).normal(size=(3, 60, 16))
    for dtype in (np.float32, np.float64):
        sizes = [math.prod(shape) for shape in script["SHAPES"].values()]
        theta = np.random.default_rng(1).normal(size=sum(sizes)).astype(dtype)
        gradient = np.full_like(theta, np.nan)
        views = script["views"](theta), script["views"](gradient)
        script["loss_and_gradients"](*views, X.astype(dtype), np.ones((16, 1), dtype))
        found.append(gradient)
    np.testing.assert_allclose(*found, rtol=2e-3, atol=2e-3)
