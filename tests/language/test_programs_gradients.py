"""Programs against JAX: the loss and every gradient on the same weights.

What each file computes is written out here a second time, in its own framework's order
of axes: images (N, C, H, W) for PyTorch, (N, H, W, C) for Keras, steps (N, T, F).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import witness  # noqa: F401 (JAX in float64)
from jax import lax
from places import TESTS

from gradtutor.evaluate import run
from gradtutor.graph import inputs
from gradtutor.language import parse_network

INPUTS = TESTS / "inputs"
BATCH = 3


# ---- layers, as the frameworks document them ----


def conv(p, x, n, stride=1, padding="VALID", letters="NCHW", bias=True):
    """Convolve with W (out, in, kh, kw), which both frameworks' kernels become."""
    numbers = isinstance(padding, int)
    padding = [(padding, padding)] * 2 if numbers else padding
    w = p[f"W{n}"]
    z = lax.conv_general_dilated(
        x, w, (stride, stride), padding, dimension_numbers=(letters, "OIHW", letters)
    )
    if not bias:
        return z
    b = p[f"b{n}"].reshape(-1)
    return z + (b[:, None, None] if letters == "NCHW" else b)


def pooled(x, start, join, size, letters="NCHW"):
    window = (1, 1, size, size) if letters == "NCHW" else (1, size, size, 1)
    return lax.reduce_window(x, start, join, window, window, "VALID")


def max_pool(x, size=2, letters="NCHW"):
    return pooled(x, -jnp.inf, lax.max, size, letters)


def avg_pool(x, size=2):
    return pooled(x, 0.0, lax.add, size) / size**2


def dense(p, h, n):
    return h @ p[f"W{n}"] + p[f"b{n}"]


def norm(p, x, n, axes, eps=1e-5):
    mean = x.mean(axes, keepdims=True)
    spread = ((x - mean) ** 2).mean(axes, keepdims=True)
    gamma, beta = p[f"gamma{n}"].reshape(-1), p[f"beta{n}"].reshape(-1)
    if x.ndim == 4:
        gamma, beta = gamma[:, None, None], beta[:, None, None]
    return (x - mean) / jnp.sqrt(spread + eps) * gamma + beta


def lstm(p, x, n, biases=2):
    """PyTorch's LSTM over (N, T, F): gates i, f, g, o."""
    units = p[f"U{n}"].shape[0]
    h = c = jnp.zeros((len(x), units))
    bias = p[f"b{n}"] + (p[f"c{n}"] if biases == 2 else 0)
    states = []
    for t in range(x.shape[1]):
        z = x[:, t] @ p[f"W{n}"] + h @ p[f"U{n}"] + bias
        i, f, g, o = (z[:, k * units : (k + 1) * units] for k in range(4))
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        states.append(h)
    return jnp.stack(states, 1)


def gru(p, x, n):
    """Keras's GRU with reset_after=True, and PyTorch's: r, z, n side by side."""
    units = p[f"U{n}"].shape[0]
    h, states = jnp.zeros((len(x), units)), []
    for t in range(x.shape[1]):
        a = x[:, t] @ p[f"W{n}"] + p[f"b{n}"]
        u = h @ p[f"U{n}"] + p[f"c{n}"]
        r, z = (
            jax.nn.sigmoid(a[:, k * units : (k + 1) * units]
                           + u[:, k * units : (k + 1) * units])
            for k in (0, 1)
        )  # fmt: skip
        new = jnp.tanh(a[:, 2 * units :] + r * u[:, 2 * units :])
        h = (1 - z) * new + z * h
        states.append(h)
    return jnp.stack(states, 1)


def cross_entropy(z, y):
    z, y = z.reshape(-1, z.shape[-1]), y.reshape(-1)
    return -jax.nn.log_softmax(z)[jnp.arange(len(z)), y].mean()


def mse(z, y):
    return ((z - y) ** 2).mean()


# ---- the files ----


def lenet(p, x):
    h = avg_pool(jnp.tanh(conv(p, x, 1, padding=1)))
    h = avg_pool(jnp.tanh(conv(p, h, 2)))
    h = h.reshape(len(h), -1)
    h = jnp.tanh(dense(p, h, 3))
    return dense(p, jnp.tanh(dense(p, h, 4)), 5)


def view(p, x):
    h = max_pool(jax.nn.relu(conv(p, x, 1)))
    h = max_pool(jax.nn.relu(conv(p, h, 2))).reshape(len(x), -1)
    return dense(p, jax.nn.relu(dense(p, jax.nn.relu(dense(p, h, 3)), 4)), 5)


def two_conv(p, x, n, step=1, bypass=False):
    """Layers n, n+1 (norm), n+2, n+3 (norm); then those around, if there are."""
    h = norm(p, conv(p, x, n, step, 1, bias=False), n + 1, (0, 2, 3))
    h = norm(p, conv(p, jax.nn.relu(h), n + 2, 1, 1, bias=False), n + 3, (0, 2, 3))
    if bypass:
        x = norm(p, conv(p, x, n + 4, step, bias=False), n + 5, (0, 2, 3))
    return jax.nn.relu(h + x)


def resnet(p, x):
    h = jax.nn.relu(norm(p, conv(p, x, 1, 1, 1, bias=False), 2, (0, 2, 3)))
    h = two_conv(p, two_conv(p, h, 3), 7)
    h = two_conv(p, two_conv(p, h, 11, 2, bypass=True), 17)
    h = two_conv(p, h, 21, 2, bypass=True)
    return dense(p, h.mean((2, 3)), 27)


def move_reader(p, x):
    return dense(p, lstm(p, lstm(p, x, 1), 2)[:, -1], 3)


def tide(p, x):
    h = gru(p, x, 1) * p["keep1"].transpose(1, 0, 2)
    return dense(p, gru(p, h, 2)[:, -1], 3)


def denoiser(p, x):
    """Keras's axes: (N, H, W, 1); a kernel of 5 padded by 2."""

    def layer(h, n):
        return conv(p, h, n, 1, "SAME", "NHWC")

    def grown(h):
        return h.repeat(2, 1).repeat(2, 2)

    h = max_pool(jax.nn.relu(layer(x, 1)), 2, "NHWC")
    h = max_pool(jax.nn.relu(layer(h, 2)), 2, "NHWC")
    h = grown(jax.nn.relu(layer(h, 3)))
    return layer(grown(jax.nn.relu(layer(h, 4))), 5)


def tune_writer(p, notes):
    """Compute a small GPT: three storeys of attention and two layers, norms first."""
    steps, width, heads = notes.shape[1], 48, 6
    s = p["E1"][notes] + p["E2"][:steps]
    for n in range(3, 3 + 18, 6):
        h = norm(p, s, n, (-1,))
        parts = jnp.split(h @ p[f"W{n + 1}"], 3, -1)
        q, k, v = (
            a.reshape(len(s), steps, heads, -1).transpose(0, 2, 1, 3) for a in parts
        )
        fit = q @ k.transpose(0, 1, 3, 2) / (width // heads) ** 0.5
        past = jnp.tril(jnp.ones((steps, steps)))
        share = jax.nn.softmax(jnp.where(past == 0, -jnp.inf, fit), -1)
        told = (share @ v).transpose(0, 2, 1, 3).reshape(len(s), steps, width)
        s = s + dense(p, told, n + 2)
        h = norm(p, s, n + 3, (-1,))
        h = jax.nn.gelu(dense(p, h, n + 4), approximate=False)
        s = s + dense(p, h, n + 5)
    return dense(p, norm(p, s, 21, (-1,)), 22)


def custom(p, x):
    h = jnp.tanh(dense(p, x, 1))
    return dense(p, jax.nn.relu(dense(p, h, 2)), 3)


def traffic(p, x):
    h = x[:, :, None]
    for n in (1, 3):
        there = lstm(p, h, n, 1)
        back = lstm(p, h[:, ::-1], n + 1, 1)[:, ::-1]
        h = jnp.concatenate([there, back], -1)
    last = jnp.concatenate([there[:, -1], back[:, 0]], -1)
    return dense(p, jax.nn.relu(dense(p, last, 5)), 6) * 400.0


def bce(z, y):
    return (jnp.logaddexp(0, z) - y * z).mean()


def huber(z, y):
    return optax.huber_loss(z, y).mean()


CASES = {
    "10-keras-custom-layer": (custom, cross_entropy, "rows"),
    "12-torch-lenet-class": (lenet, cross_entropy, "NCHW"),
    "14-torch-view": (view, cross_entropy, "NCHW"),
    "16-torch-resnet": (resnet, cross_entropy, "NCHW"),
    "21-keras-conv-autoencoder": (denoiser, bce, "NHWC"),
    "23-torch-lstm": (move_reader, cross_entropy, "NTF"),
    "24-keras-gru": (tide, lambda z, y: abs(z - y).mean(), "NTF"),
    "28-torch-tiny-gpt": (tune_writer, cross_entropy, "words"),
    "39-keras-lambda": (traffic, huber, "rows"),
}
#: From the graph's axes to the file's.
TURNED = {
    "NCHW": (3, 0, 1, 2),
    "NHWC": (3, 1, 2, 0),
    "NTF": (1, 0, 2),
    "rows": (0, 1),
    "words": (0, 1),
}


def size_of(size):
    if isinstance(size, int):
        return size
    parts = [BATCH if part == "N" else int(part) for part in size.split("*")]
    return int(np.prod(parts))


def values_of(graph, kind, classes):
    rng, given = np.random.default_rng(4), {}
    for name in inputs(graph):
        data = graph.nodes[name]
        shape = tuple(map(size_of, data["shape"]))
        scale = 1 / np.sqrt(data.get("fan_in", 1))
        given[name] = rng.normal(size=shape) * scale
        if data["role"] == "constant":
            given[name] = np.array(data["value"])
        if data["role"] == "mask":
            given[name] = (rng.random(shape) >= data["rate"]) / (1 - data["rate"])
    if kind == "words":
        given["X"] = rng.integers(0, 40, given["X"].shape)
    if classes:
        given["y"] = rng.integers(0, classes, given["y"].shape)
    return given


@pytest.mark.sampled(16)
@pytest.mark.parametrize("name", CASES)
def test_a_program_and_its_gradients_equal_jax(name):
    function, loss, kind = CASES[name]
    text = (INPUTS / f"{name}.py").read_text()
    text = text.replace("n_steps = 40", "n_steps = 6").replace("(48, 4)", "(6, 4)")
    graph = parse_network(text)
    answer = graph.graph["network"]["prediction"]
    classes = graph.nodes[answer]["shape"][-1] if loss is cross_entropy else 0
    given = values_of(graph, kind, classes)
    trace = run(graph, given)
    order = TURNED[kind]
    back = TURNED[kind] if kind == "NHWC" else ()

    def theirs(p):
        z = function(p, p["X"].transpose(order) if kind != "words" else p["X"])
        y = p["y"].transpose(back) if back else p["y"]
        return loss(z, y)

    names = [one for one in inputs(graph, "parameter") if one != "X"]
    fixed = {key: jnp.asarray(value) for key, value in given.items()}

    @jax.jit
    def of_parameters(parameters):
        return theirs({**fixed, **parameters})

    value, slopes = jax.value_and_grad(of_parameters)(
        {one: fixed[one] for one in names}
    )
    ours = float(trace.values[graph.graph["output"]])
    assert ours == pytest.approx(float(value), rel=1e-9)
    for one in names:
        np.testing.assert_allclose(
            trace.node_gradients[one], slopes[one], rtol=1e-6, atol=1e-9, err_msg=one
        )
