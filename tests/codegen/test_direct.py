"""Convolutions by shifted rows keep values: JAX in float64, odd sizes and settings."""

from __future__ import annotations

import runpy

import jax
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)

from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.codegen.step import step_program
from gradtutor.language import parse_network

pytest.importorskip("numba")
DATA = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")
PADDED = {"out": 4, "kernel": (3, 3), "padding": 1}
#: Input, layers before the loss, and which of JAX's settings each convolution has.
CASES = {
    "signal, odd": ((3, 41), [{"out": 5, "kernel": (9,), "padding": "same"}]),
    "signal, even kernel": ((3, 41), [{"out": 5, "kernel": (4,), "padding": "same"}]),
    "signal, dilated": ((2, 50), [{"out": 3, "kernel": (5,), "dilation": 3}]),
    "image, two layers": (
        (2, 13, 11),
        [{"out": 5, "kernel": (3, 3), "padding": 1}, {"out": 4, "kernel": (5, 3)}],
    ),
    "image, kernel of rows": (
        (1, 12, 15),
        [{"out": 4, "kernel": (5, 5)}, {"out": 3, "kernel": (3, 4), "padding": "same"}],
    ),
    "image, dilated": ((2, 15, 14), [{"out": 3, "kernel": (3, 3), "dilation": 2}] * 2),
    "image, strided": (
        (2, 12, 13),
        [
            {"out": 4, "kernel": (3, 3), "padding": 1},
            {"out": 3, "kernel": (3, 3), "stride": 2},
        ],
    ),
    "image, strided rows": (
        (2, 12, 13),
        [
            {"out": 4, "kernel": (3, 3), "padding": 1},
            {"out": 3, "kernel": (3, 3), "stride": (2, 1)},
        ],
    ),
    "image, groups": (
        (4, 12, 12),
        [{"out": 4, "kernel": (3, 3), "groups": 2}, {"out": 3, "kernel": (3, 3)}],
    ),
    "image, grouped twice": (
        (4, 9, 13),
        [
            {"out": 6, "kernel": (3, 3), "groups": 2, "padding": 1},
            {"out": 4, "kernel": (3, 2), "groups": 2, "dilation": 2},
        ],
    ),
    "image, depthwise": (
        (3, 10, 11),
        [
            {"out": 3, "kernel": (3, 3), "groups": 3, "padding": "same"},
            {"out": 6, "kernel": (5, 5), "groups": 3},
        ],
    ),
    "image, depthwise, strided rows": (
        (4, 12, 13),
        [
            {"out": 4, "kernel": (3, 3), "groups": 4, "padding": 1},
            {"out": 8, "kernel": (3, 3), "groups": 4, "stride": (2, 1)},
        ],
    ),
    "signal, depthwise": (
        (4, 39),
        [
            {"out": 4, "kernel": (7,), "groups": 4, "padding": 3},
            {"out": 4, "kernel": (3,), "groups": 2, "dilation": 2},
        ],
    ),
    "image, much padding": (
        (2, 7, 8),
        [
            {"out": 3, "kernel": (3, 3), "padding": 1},
            {"out": 2, "kernel": (2, 2), "padding": 3},
        ],
    ),
}


def network_text(shape, layers):
    """Spell the layers; all have tanh, so that no kink is near."""
    channels, calls = shape[0], []
    for layer in layers:
        keys = ("stride", "padding", "dilation", "groups")
        more = "".join(f", {k}={layer[k]!r}" for k in keys if k in layer)
        rank = len(layer["kernel"])
        kernel = layer["kernel"] if rank == 2 else layer["kernel"][0]
        calls += [f"Conv{rank}d({channels}, {layer['out']}, {kernel}{more})", "Tanh()"]
        channels = layer["out"]
    words = ", ".join([f"Input{shape}", *calls, "Flatten()", "Linear(2)"])
    return f"Sequential([{words}])\nloss = MSELoss()"


def theirs(layers, parameters, X, y):
    """Return JAX's loss and gradients; X is (C, ..., N) and y (N, 2)."""

    def loss(p):
        h = np.moveaxis(X, -1, 0)
        for i, layer in enumerate(layers, start=1):
            rank = len(layer["kernel"])
            stride = np.broadcast_to(layer.get("stride", 1), rank)
            dilation = np.broadcast_to(layer.get("dilation", 1), rank)
            padding = layer.get("padding", 0)
            h = jax.lax.conv_general_dilated(
                h,
                p[f"W{i}"],
                tuple(map(int, stride)),
                "SAME" if padding == "same" else [(padding, padding)] * rank,
                rhs_dilation=tuple(map(int, dilation)),
                feature_group_count=layer.get("groups", 1),
            )
            h = jax.numpy.tanh(h + p[f"b{i}"].reshape(1, -1, *(1,) * rank))
        last = len(layers) + 1
        z = h.reshape(len(h), -1) @ p[f"W{last}"] + p[f"b{last}"]
        return jax.numpy.mean((z - y) ** 2)

    return jax.value_and_grad(loss)(parameters)


def ours(text, parameters, X, y, tmp_path, batch):
    """Run the compiled step in float64 twice, the second time in used arrays."""
    settings = Settings(backend="numba", batch_size=batch)
    path = tmp_path / "script.py"
    path.write_text(training_script(parse_network(text), DATA, settings), "utf-8")
    script = runpy.run_path(str(path))
    size = sum(int(np.prod(shape)) for shape in script["SHAPES"].values())
    theta, gradient = np.empty(size), np.full(size, np.nan)
    for name, view in zip(script["SHAPES"], script["views"](theta), strict=True):
        view[...] = parameters[name].reshape(view.shape)
    views = script["views"](theta), script["views"](gradient)
    for _ in range(2):
        loss = script["loss_and_gradients"](*views, X, y)
    return loss, dict(zip(script["SHAPES"], views[1], strict=True)), path.read_text()


def drawn(text, shape, batch):
    """Draw parameters, examples and targets."""
    rng = np.random.default_rng(0)
    graph = parse_network(text)
    parameters = {
        name: rng.normal(0, 0.4, data["shape"])
        for name, data in graph.nodes(data=True)
        if data.get("role") == "parameter"
    }
    return parameters, rng.normal(size=(*shape, batch)), rng.normal(size=(batch, 2))


@pytest.mark.sampled(15)
@pytest.mark.parametrize(("name", "batch"), [*((name, 16) for name in CASES)])
def test_a_step_by_rows_is_jax_s(name, batch, tmp_path):
    shape, layers = CASES[name]
    text = network_text(shape, layers)
    parameters, X, y = drawn(text, shape, batch)
    loss, gradients, script = ours(text, parameters, X, y, tmp_path, batch)
    expected, slopes = theirs(layers, parameters, X, y)
    assert "def convolve_" in script
    assert loss == pytest.approx(float(expected), rel=1e-9)
    for one, gradient in gradients.items():
        wanted = np.asarray(slopes[one]).reshape(gradient.shape)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("batch", [1, 3, 97])
def test_any_batch_takes_the_loop_of_another(batch, tmp_path):
    """One example, and rows of 4,171 numbers: a tile and a remainder."""
    shape, layers = (2, 4, 43), [{"out": 3, "kernel": (3, 3), "padding": 1}] * 2
    text = network_text(shape, layers)
    parameters, X, y = drawn(text, shape, batch)
    loss, gradients, _ = ours(text, parameters, X, y, tmp_path, 64)
    expected, slopes = theirs(layers, parameters, X, y)
    assert loss == pytest.approx(float(expected), rel=1e-9)
    for one, gradient in gradients.items():
        wanted = np.asarray(slopes[one]).reshape(gradient.shape)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("layer", "batch", "loops"),
    [
        ("Conv2d(16, 3)", 64, 3),
        ("Conv2d(16, 3, stride=2)", 64, 0),  # along rows places would lie apart
        ("Conv2d(16, 1)", 64, 0),  # a product of matrices as it is
        ("Conv2d(128, 3)", 64, 0),  # many channels: the product is quicker
        ("Conv2d(16, 3, groups=4)", 64, 3),
        ("Conv2d(16, 3, groups=16)", 64, 3),
        ("Conv2d(16, 3)", 1, 0),  # rows of 12 numbers
        ("Conv2d(16, 11)", 64, 0),  # a row of the kernel is no expression
    ],
)
def test_rows_are_for_few_channels(layer, batch, loops):
    text = (
        f"Sequential([Input(16, 14, 14), Conv2d(16, 1), {layer}, Flatten(), Linear(2)])"
    )
    graph = parse_network(text + "\nloss = MSELoss()")
    settings = Settings(backend="numba", batch_size=batch)
    _, program, _ = step_program(graph, settings)
    assert sum(op.kind == "loop" for op in program.ops) == loops
