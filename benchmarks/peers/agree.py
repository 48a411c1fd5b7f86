"""Check that PyTorch and JAX compute the same loss, gradients and Adam step.

python benchmarks/peers/agree.py prints the relative differences of every network and
fails where the loss or a gradient differs by 1e-4 or more.
"""

from __future__ import annotations

import argparse
import functools
import sys

import jax
import jax_step
import numpy as np
import pytorch_step
import torch
from drawing import Weights, initial_weights, random_batches
from networks import NETWORKS, Network, resized

STEPS, TOLERANCE = 10, 1e-4


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return |ours - theirs| / |theirs|, in the Euclidean norm."""
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def in_pytorch(network: Network, mode: str) -> tuple[float, Weights, list[float]]:
    """Return the first loss, its gradients in JAX's layout, and the steps' losses."""
    model = pytorch_step.build(network, initial_weights(network))
    batches = [tuple(map(torch.from_numpy, pair)) for pair in random_batches(network)]
    x, y = batches[0]
    loss = pytorch_step.loss_function(network)(model(x), y)
    loss.backward()
    flat = iter([parameter.grad.numpy() for parameter in model.parameters()])
    shaped = [tuple(next(flat) for _ in arrays) for arrays in initial_weights(network)]
    gradients = jax_step.from_pytorch(network, shaped)
    step = pytorch_step.training_step(network, mode)
    losses = [step(*batches[i % len(batches)]).item() for i in range(STEPS)]
    return loss.item(), gradients, losses


def in_jax(network: Network) -> tuple[float, Weights, list[float]]:
    """Return the same from JAX."""
    theta = jax_step.from_pytorch(network, initial_weights(network))
    batches = [
        tuple(jax_step.arranged(network, array) for array in pair)
        for pair in random_batches(network)
    ]
    loss_of = functools.partial(jax_step.loss_of, network, None)
    loss, gradients = jax.value_and_grad(loss_of)(theta, *batches[0])
    zeros = [jax.tree.map(np.zeros_like, theta) for _ in "mv"]
    state, losses = (theta, *zeros, np.float32(0)), []
    for i in range(STEPS):
        batch = batches[i % len(batches)]
        state, last = jax_step.training_step(network, state, *batch)
        losses.append(float(last))
    return float(loss), gradients, losses


def main() -> None:
    """Print a row for every network."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--mode", choices=pytorch_step.MODES, default="eager")
    parser.add_argument("--batch", type=int, help="instead of each network's own")
    options = parser.parse_args()
    print(f"{'':<22}{'loss':>10}{'gradients':>11}{f'{STEPS} steps':>10}")
    agreed = True
    for name, network in NETWORKS.items():
        network = resized(network, options.batch)
        ours, theirs = in_jax(network), in_pytorch(network, options.mode)
        loss = abs(ours[0] - theirs[0]) / abs(theirs[0])
        pairs = zip(jax.tree.leaves(ours[1]), jax.tree.leaves(theirs[1]), strict=True)
        gradients = max(relative(np.asarray(a), b) for a, b in pairs)
        trained = relative(np.array(ours[2]), np.array(theirs[2]))
        agreed &= max(loss, gradients) < TOLERANCE
        print(f"{name:<22}{loss:>10.1e}{gradients:>11.1e}{trained:>10.1e}")
    sys.exit(not agreed)


if __name__ == "__main__":
    main()
