"""Time only the matrix products of a training step in NumPy: a floor for its whole.

python benchmarks/peers/gemm_floor.py lenet --seconds 5
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator

import numpy as np
from networks import CELLS, NETWORKS, Network, walk
from timing import measure, peak_mb, report

Product = tuple[np.ndarray, np.ndarray, np.ndarray]


def sizes(network: Network) -> Iterator[tuple[int, int, int]]:
    """Yield (outputs, inputs, columns) of each layer's product W @ X.

    A convolution's columns (im2col) hold one window each: inputs are channels ×
    kernel, columns are places × batch. A linear layer's columns are the examples.
    """
    for (kind, *arguments), before, after in walk(network):
        if kind in CELLS:
            inner, out, gates = *arguments, CELLS[kind]
            yield gates * out, inner, before[0] * network.batch
            yield from [(gates * out, out, network.batch)] * before[0]
        elif kind == "linear":
            yield arguments[1], arguments[0], network.batch
        elif kind in ("conv1d", "conv2d", "plain_conv2d"):
            channels, out, kernel, *_ = arguments
            window = channels * kernel ** (len(before) - 1)
            yield out, window, math.prod(after[1:]) * network.batch


def products(network: Network) -> list[Product]:
    """Return (left, right, result) of every product, on random numbers."""
    rng = np.random.default_rng(0)
    ready = []
    for i, (rows, inner, columns) in enumerate(sizes(network)):
        w = rng.standard_normal((rows, inner), np.float32)
        x = rng.standard_normal((inner, columns), np.float32)
        u = rng.standard_normal((rows, columns), np.float32)  # dL/d(W @ X)
        ready.append((w, x, np.empty_like(u)))  # forward
        ready.append((u, x.T, np.empty_like(w)))  # dW
        if i:  # nobody needs the gradient of the network's input
            ready.append((w.T, u, np.empty_like(x)))  # dX
    return ready


def main() -> None:
    """Time the products and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    base_mb = peak_mb()
    ready = products(NETWORKS[options.name])

    def step(_: int) -> None:
        for left, right, out in ready:
            np.matmul(left, right, out=out)

    times = measure(step, options.seconds)
    report(options.name, "gemm", times, base_mb, None)


if __name__ == "__main__":
    main()
