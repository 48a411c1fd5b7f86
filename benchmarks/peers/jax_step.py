"""Time one jitted training step of a network in JAX on all cores of the CPU.

python benchmarks/peers/jax_step.py lenet --seconds 5
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from drawing import Weights, initial_weights, random_batches
from jax import lax
from networks import (
    BETA1,
    BETA2,
    CELLS,
    EPSILON,
    LEARNING_RATE,
    NETWORKS,
    Layer,
    Network,
    walk,
)
from timing import measure, peak_mb, report

#: JAX's names of the axes of input, kernel and output: channels last.
AXES = {
    "conv1d": ("NWC", "WIO", "NWC"),
    "conv2d": ("NHWC", "HWIO", "NHWC"),
    "plain_conv2d": ("NHWC", "HWIO", "NHWC"),
}


def channels_last(x: np.ndarray) -> np.ndarray:
    """Move axis 1, the channels, to the end: (N, C, H, W) to (N, H, W, C)."""
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if x.ndim > 2 else x


def arranged(network: Network, x: np.ndarray) -> np.ndarray:
    """Return examples as the network here takes them."""
    return x if network.recurrent else channels_last(x)


def from_pytorch(network: Network, weights: Weights) -> Weights:
    """Transpose weights to (in, out) and (kernel..., in, out).

    The rows of the linear layer after a flatten follow its channels-last input, so that
    the network computes the same without a transposition in every step.
    """
    arrays, weighted, flattened = [], iter(weights), None
    for (kind, *_), before, _ in walk(network):
        if kind == "flatten":
            flattened = before  # (C, H, W)
        if kind in CELLS:
            w, u, *b = next(weighted)
            arrays.append((w.T.copy(), u.T.copy(), *b))
        if kind not in ("linear", "batchnorm2d", *AXES):
            continue
        w, *b = next(weighted)
        if kind == "linear" and flattened:
            w = channels_last(w.reshape(-1, *flattened)).reshape(len(w), -1)
            flattened = None
        order = (*range(2, w.ndim), 1, 0)[-w.ndim :]  # only (0,) for a scale
        arrays.append((np.ascontiguousarray(w.transpose(order)), *b))
    return arrays


def forward(network: Network, theta: list[tuple[Any, ...]], x: jax.Array) -> jax.Array:
    """Return the network's output for a batch x, channels last."""
    return applied(network.layers, iter(theta), x)


def applied(
    layers: tuple[Layer, ...], weights: Iterator[tuple[Any, ...]], x: jax.Array
) -> jax.Array:
    """Return what some layers make of x; each takes its weights from the iterator."""
    for kind, *arguments in layers:
        if kind == "linear":
            w, b = next(weights)
            x = x @ w + b
        elif kind in AXES:
            x = convolution(kind, arguments, next(weights), x)
        elif kind == "batchnorm2d":
            x = batch_norm(*next(weights), x)
        elif kind in CELLS:
            x = last_state(kind, next(weights), x)
        elif kind == "residual":
            x = x + applied(tuple(arguments), weights, x)
        elif kind == "maxpool2d":
            window = (1, arguments[0], arguments[0], 1)
            x = lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
        elif kind == "globalavgpool2d":
            x = x.mean(axis=(1, 2), keepdims=True)
        elif kind == "flatten":
            x = x.reshape(len(x), -1)
        else:
            x = jax.nn.relu(x)
    return x


def last_state(kind: str, weights: tuple[Any, ...], x: jax.Array) -> jax.Array:
    """Return the last state of PyTorch's LSTM or GRU on x (N, steps, features)."""
    w, u, b, c = weights
    still = jnp.zeros((len(x), u.shape[0]), x.dtype)

    def lstm(state: tuple[jax.Array, ...], z: jax.Array) -> tuple[Any, None]:
        h, kept = state
        i, f, g, o = jnp.split(z + h @ u + c, 4, axis=1)
        kept = jax.nn.sigmoid(f) * kept + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(kept), kept), None

    def gru(state: tuple[jax.Array, ...], z: jax.Array) -> tuple[Any, None]:
        (h,) = state
        inner, outer = jnp.split(z, 3, axis=1), jnp.split(h @ u + c, 3, axis=1)
        r, keep = (jax.nn.sigmoid(inner[k] + outer[k]) for k in (0, 1))
        return ((1 - keep) * jnp.tanh(inner[2] + r * outer[2]) + keep * h,), None

    steps = jnp.moveaxis(x @ w + b, 1, 0)
    start = (still, still) if kind == "lstm" else (still,)
    return lax.scan(lstm if kind == "lstm" else gru, start, steps)[0][0]


def convolution(
    kind: str, arguments: list[Any], weights: tuple[Any, ...], x: jax.Array
) -> jax.Array:
    """Convolve with one step, or as ("plain_conv2d", ..., padding, stride) says."""
    w, *b = weights
    rank = x.ndim - 2
    stride = arguments[4:] * rank or (1,) * rank
    padding = {"same": "SAME", 0: "VALID"}.get(
        arguments[3], [(arguments[3], arguments[3])] * rank
    )
    x = lax.conv_general_dilated(x, w, stride, padding, dimension_numbers=AXES[kind])
    return x + b[0] if b else x


def batch_norm(gamma: jax.Array, beta: jax.Array, x: jax.Array) -> jax.Array:
    """Normalise channels by the batch; running statistics, which others keep, are not.

    x is centred before it is squared, as in PyTorch: E[x²] - E[x]² loses digits.
    """
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))  # 16 bits: sums in 32
    centred = wide - wide.mean(axis=(0, 1, 2))
    variance = (centred**2).mean(axis=(0, 1, 2))
    return (gamma * centred * lax.rsqrt(variance + 1e-5) + beta).astype(x.dtype)


def loss_of(
    network: Network,
    half: Any,
    theta: list[tuple[Any, ...]],
    x: jax.Array,
    y: jax.Array,
) -> jax.Array:
    """Return the mean cross-entropy from logits, or the mean squared error.

    With `half`, a type of 16 bits, all up to the output is computed in it.
    """
    if half is None:
        output = forward(network, theta, x)
    else:
        theta, x = jax.tree.map(lambda array: array.astype(half), (theta, x))
        output = forward(network, theta, x).astype(jnp.float32)
    if network.loss == "mse":
        return jnp.mean((output - y) ** 2)
    log_p = jax.nn.log_softmax(output)
    return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], axis=1))


@functools.partial(jax.jit, static_argnums=(0, 4), donate_argnums=1)
def training_step(
    network: Network,
    state: tuple[Any, ...],
    x: jax.Array,
    y: jax.Array,
    half: Any = None,
) -> tuple[tuple[Any, ...], jax.Array]:
    """Forward, loss, backward and Adam (Kingma & Ba 2015): (next state, loss)."""
    theta, m, v, t = state
    loss, g = jax.value_and_grad(functools.partial(loss_of, network, half))(theta, x, y)
    t = t + 1
    m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, g)
    v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, g)
    rate, unbias = LEARNING_RATE / (1 - BETA1**t), 1 / (1 - BETA2**t)
    theta = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v * unbias) + EPSILON), theta, m, v
    )
    return (theta, m, v, t), loss


def main() -> None:
    """Time the network and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    base_mb = peak_mb()
    network = NETWORKS[options.name]
    batches = [
        tuple(jax.device_put(arranged(network, array)) for array in pair)
        for pair in random_batches(network)
    ]
    theta = jax.device_put(from_pytorch(network, initial_weights(network)))
    m, v = (jax.tree.map(jnp.zeros_like, theta) for _ in "mv")
    state, loss = (theta, m, v, jnp.float32(0)), None

    def step(i: int) -> None:
        nonlocal state, loss
        state, loss = training_step(network, state, *batches[i % len(batches)])
        jax.block_until_ready((state, loss))

    times = measure(step, options.seconds)
    step(0)
    report(options.name, "jit", times, base_mb, float(loss))


if __name__ == "__main__":
    main()
