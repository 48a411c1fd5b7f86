"""The networks of the step benchmark as plain data, and what every peer shares.

Each peer builds a network from the same layers, weights and batches, times single
training steps with `measure`, and prints one JSON object with `report`.
"""

from __future__ import annotations

import itertools
import json
import math
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Layer = tuple[object, ...]
#: A weight and a bias, in PyTorch's layout: (out, in) or (out, in, kernel...).
Weights = list[tuple[np.ndarray, np.ndarray]]
Batches = list[tuple[np.ndarray, np.ndarray]]

LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Network:
    """A network, its batch and its loss.

    Attributes
    ----------
    batch : int
        Examples in a step.
    input_shape : tuple of int
        One example, channels first.
    layers : tuple of tuple
        ("linear", in, out), ("conv1d" or "conv2d", in, out, kernel, padding),
        ("relu",), ("maxpool2d", size) or ("flatten",).
    loss : str
        "cross_entropy" (from logits, 10 classes) or "mse".
    """

    batch: int
    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    loss: str = "cross_entropy"

    @property
    def text(self) -> str:
        """The same network in gradtutor's language."""
        calls = [f"Input({', '.join(map(str, self.input_shape))})"]
        calls += [call(layer) for layer in self.layers]
        loss = {"cross_entropy": "CrossEntropyLoss()", "mse": "MSELoss()"}[self.loss]
        optimizer = f"Adam(lr={LEARNING_RATE})"
        return f"Sequential([{', '.join(calls)}])\n{loss = !s}\n{optimizer = !s}\n"


SPELLINGS = {
    "linear": "Linear",
    "conv1d": "Conv1d",
    "conv2d": "Conv2d",
    "relu": "ReLU",
    "maxpool2d": "MaxPool2d",
    "flatten": "Flatten",
}


def call(layer: Layer) -> str:
    """Spell a layer as PyTorch does.

    >>> call(("conv1d", 1, 16, 9, "same"))
    'Conv1d(1, 16, 9, padding="same")'
    """
    kind, *arguments = layer
    words = [str(argument) for argument in arguments]
    if str(kind).startswith("conv"):
        padding = words.pop()
        words += [f'padding="{padding}"'] if padding != "0" else []
    return f"{SPELLINGS[str(kind)]}({', '.join(words)})"


def mlp(*widths: int) -> tuple[Layer, ...]:
    """Return linear layers of these widths with ReLU between."""
    layers: list[Layer] = []
    for fan_in, fan_out in itertools.pairwise(widths):
        layers += [("linear", fan_in, fan_out), ("relu",)]
    return tuple(layers[:-1])


NETWORKS = {
    "mlp-400-25-15-10": Network(32, (400,), mlp(400, 25, 15, 10)),
    "mlp-784-16-16-10": Network(32, (784,), mlp(784, 16, 16, 10)),
    "mlp-784-256-128-10": Network(128, (784,), mlp(784, 256, 128, 10)),
    "mlp-784-1024-1024-10": Network(256, (784,), mlp(784, 1024, 1024, 10)),
    "lenet": Network(
        64,
        (1, 28, 28),
        (
            ("conv2d", 1, 8, 5, 0),
            ("relu",),
            ("maxpool2d", 2),
            ("conv2d", 8, 16, 5, 0),
            ("relu",),
            ("maxpool2d", 2),
            ("flatten",),
            ("linear", 256, 10),
        ),
    ),
    "eeg-denoiser": Network(
        64,
        (1, 512),
        (
            ("conv1d", 1, 16, 9, "same"),
            ("relu",),
            ("conv1d", 16, 16, 9, "same"),
            ("relu",),
            ("conv1d", 16, 1, 9, "same"),
        ),
        loss="mse",
    ),
    "cnn-32x32x3": Network(
        64,
        (3, 32, 32),
        (
            ("conv2d", 3, 32, 3, "same"),
            ("relu",),
            ("maxpool2d", 2),
            ("conv2d", 32, 64, 3, "same"),
            ("relu",),
            ("maxpool2d", 2),
            ("conv2d", 64, 64, 3, "same"),
            ("relu",),
            ("maxpool2d", 2),
            ("flatten",),
            ("linear", 64 * 4 * 4, 10),
        ),
    ),
}


# ---- shapes, weights and batches ----


def walk(network: Network) -> Iterator[tuple[Layer, tuple[int, ...], tuple[int, ...]]]:
    """Yield each layer with the shapes before and after it, without the batch."""
    before = network.input_shape
    for layer in network.layers:
        after = shape_after(layer, before)
        yield layer, before, after
        before = after


def shape_after(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that a layer makes of one example.

    >>> shape_after(("conv2d", 1, 8, 5, 0), (1, 28, 28))
    (8, 24, 24)
    """
    match layer:
        case ("linear", _, int(out)):
            return (out,)
        case ("conv1d" | "conv2d", _, int(out), _, "same"):
            return (out, *shape[1:])
        case ("conv1d" | "conv2d", _, int(out), int(kernel), 0):
            return (out, *(size - kernel + 1 for size in shape[1:]))
        case ("maxpool2d", int(size)):
            return (shape[0], *(side // size for side in shape[1:]))
        case ("flatten",):
            return (math.prod(shape),)
        case ("relu",):
            return shape
    raise ValueError(f"no such layer: {layer}")


def initial_weights(network: Network, seed: int = 0) -> Weights:
    """Draw weights and biases from ±1/√fan_in, as PyTorch does."""
    rng = np.random.default_rng(seed)
    weights = []
    for kind, *sizes in network.layers:
        if kind in ("linear", "conv1d", "conv2d"):
            rank = {"linear": 0, "conv1d": 1, "conv2d": 2}[kind]
            shape = (sizes[1], sizes[0], *sizes[2:3] * rank)
            bound = 1 / math.sqrt(math.prod(shape[1:]))
            w, b = (rng.uniform(-bound, bound, s) for s in (shape, shape[0]))
            weights.append((w.astype(np.float32), b.astype(np.float32)))
    return weights


def random_batches(network: Network, count: int = 8, seed: int = 1) -> Batches:
    """Draw batches: noise with random labels, or noisy sines with the clean ones."""
    rng = np.random.default_rng(seed)
    shape = (network.batch, *network.input_shape)
    batches = []
    for _ in range(count):
        noise = rng.standard_normal(shape, np.float32)
        if network.loss == "mse":
            cycles, phase = rng.uniform(1, 20, (2, network.batch, 1, 1))
            angle = 2 * np.pi * (cycles * np.linspace(0, 1, shape[-1]) + phase)
            clean = np.sin(angle).astype(np.float32)
            batches.append((clean + noise / 2, clean))
        else:
            batches.append((noise, rng.integers(0, 10, network.batch)))
    return batches


# ---- timing ----


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB (10⁶ bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6  # from KiB


def measure(
    step: Callable[[int], object], seconds: float, warm_up: int = 10
) -> list[int]:
    """Time single calls step(0), step(1), ... for so long, at least 30, in ns."""
    for i in range(warm_up):
        step(i)
    times: list[int] = []
    end = time.perf_counter_ns() + seconds * 1e9
    while len(times) < 30 or time.perf_counter_ns() < end:
        began = time.perf_counter_ns()
        step(len(times))
        times.append(time.perf_counter_ns() - began)
    return times


def report(
    name: str, mode: str, times: list[int], base_mb: float, loss: float | None
) -> None:
    """Print the result as one JSON object on a line."""
    result = {
        "name": name,
        "mode": mode,
        "median_us": round(statistics.median(times) / 1e3, 2),
        "best_us": round(min(times) / 1e3, 2),
        "steps": len(times),
        "peak_mb": round(peak_mb(), 1),
        "base_mb": round(base_mb, 1),
        "loss": loss,
    }
    print(json.dumps(result))
