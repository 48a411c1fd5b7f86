"""The weights and the examples that every peer of the step benchmarks begins with."""

from __future__ import annotations

import math

import numpy as np
from networks import CELLS, Network, flat

#: Each layer's weight and, where it has one, bias, in PyTorch's layout: (out, in) or
#: (out, in, kernel...); scale and shift of a batch normalisation.
Weights = list[tuple[np.ndarray, ...]]
Batches = list[tuple[np.ndarray, np.ndarray]]

#: Axes of the kernel of each layer that is drawn at random.
RANKS = {"linear": 0, "conv1d": 1, "conv2d": 2, "plain_conv2d": 2}


def initial_weights(network: Network, seed: int = 0) -> Weights:
    """Draw weights and biases from ±1/√fan_in, as PyTorch does."""
    rng = np.random.default_rng(seed)
    weights: Weights = []
    for kind, *sizes in flat(network.layers):
        if kind == "batchnorm2d":
            weights.append((np.ones(sizes, np.float32), np.zeros(sizes, np.float32)))
        if kind in CELLS:
            inner, out, gates = *sizes, CELLS[kind]
            bound = 1 / math.sqrt(out)
            shapes = ((gates * out, inner), (gates * out, out), *[(gates * out,)] * 2)
            drawn = (rng.uniform(-bound, bound, s) for s in shapes)
            weights.append(tuple(array.astype(np.float32) for array in drawn))
        if kind in RANKS:
            shape = (sizes[1], sizes[0], *sizes[2:3] * RANKS[kind])
            bound = 1 / math.sqrt(math.prod(shape[1:]))
            shapes = (shape, shape[:1])[: 1 if kind == "plain_conv2d" else 2]
            drawn = (rng.uniform(-bound, bound, s) for s in shapes)
            weights.append(tuple(array.astype(np.float32) for array in drawn))
    return weights


def random_batches(network: Network, count: int = 8, seed: int = 1) -> Batches:
    """Draw batches: noise with random labels, or noisy sines with the clean ones."""
    rng = np.random.default_rng(seed)
    return [random_examples(network, network.batch, rng) for _ in range(count)]


def random_examples(
    network: Network, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw inputs and targets, the examples along the first axis."""
    shape = (count, *network.input_shape)
    noise = rng.standard_normal(shape, np.float32)
    if network.loss == "cross_entropy":
        return noise, rng.integers(0, 10, count)
    cycles, phase = rng.uniform(1, 20, (2, count, 1, 1))
    angle = 2 * np.pi * (cycles * np.linspace(0, 1, shape[-1]) + phase)
    clean = np.sin(angle).astype(np.float32)
    return clean + noise / 2, clean
