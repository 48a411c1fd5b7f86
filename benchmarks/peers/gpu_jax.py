"""JAX's training step on a GPU: an epoch is one jitted, donated `lax.scan`.

python benchmarks/peers/gpu_jax.py lenet
"""

from __future__ import annotations

import functools
import os
import sys
import time
from typing import Any

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # others are here too

import gpu_worker
import jax
import jax.numpy as jnp
import numpy as np
from drawing import initial_weights
from jax import lax
from jax_step import channels_last, from_pytorch, training_step
from networks import Network

#: JAX's words: "highest" is float32 throughout, its default on a GPU is TF32.
PRECISION = {"float32": "highest", "tf32": "tensorfloat32", "bfloat16": "default"}
HALVES = {"bfloat16": jnp.bfloat16}
LONG_ENOUGH = 0.02  # seconds: the host's clock adds some 50 µs to a sample


@functools.partial(jax.jit, static_argnums=(0, 5), donate_argnums=1)
def epoch(
    network: Network,
    state: Any,
    X: jax.Array,
    y: jax.Array,
    order: jax.Array,
    half: Any,
) -> tuple[Any, jax.Array]:
    """Take a step for every row of order (steps, N); return the next state, losses."""

    def step(state: Any, rows: jax.Array) -> tuple[Any, jax.Array]:
        return training_step(network, state, X[rows], y[rows], half)

    return lax.scan(step, state, order)


def prepared(options: Any) -> gpu_worker.Contender:
    """Return the contender."""
    network = gpu_worker.network_of(options)
    X, y, order = gpu_worker.data_set(network, options.steps)
    data = [jax.device_put(a) for a in (channels_last(X), channels_last(y), order)]
    theta = jax.device_put(from_pytorch(network, initial_weights(network)))
    m, v = (jax.tree.map(jnp.zeros_like, theta) for _ in "mv")
    state: Any = (theta, m, v, jnp.float32(0))
    losses: Any = None
    epochs, half = 1, HALVES.get(options.precision)

    def run() -> float:
        nonlocal state, losses
        began = time.perf_counter()
        for _ in range(epochs):
            state, losses = epoch(network, state, *data, half)
        jax.block_until_ready((state, losses))
        return time.perf_counter() - began

    run()  # compiles
    epochs = max(1, round(LONG_ENOUGH / run()))
    return gpu_worker.Contender(
        lambda: run() * 1e6 / (epochs * options.steps),
        lambda: {"loss": float(np.mean(losses))},
    )


def main() -> None:
    """Answer gpu_step.py."""
    options = gpu_worker.parser(__doc__).parse_args()
    if options.precision not in PRECISION:
        sys.exit("JAX has no loss scaling of its own, which float16 needs")
    platform = {"cuda": "gpu"}.get(options.device, "cpu")
    if options.device == "cpu":
        jax.config.update("jax_platforms", "cpu")
    if jax.default_backend() != platform:
        sys.exit(f"JAX {jax.__version__} finds no GPU: pip install 'jax[cuda13]'")
    jax.config.update("jax_default_matmul_precision", PRECISION[options.precision])
    gpu_worker.serve(lambda: prepared(options), {"jax": jax.__version__})


if __name__ == "__main__":
    main()
