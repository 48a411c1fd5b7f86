"""Time single training steps of a script that gradtutor wrote.

python benchmarks/peers/gradtutor_step.py lenet lenet.py --seconds 5
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from typing import Any

import numpy as np
from drawing import random_batches
from networks import LEARNING_RATE, NETWORKS, Network
from timing import measure, peak_mb, report


def main() -> None:
    """Time a step of the script and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("path")
    parser.add_argument("--mode", default="numpy")
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    network = NETWORKS[options.name]
    base_mb = peak_mb()
    script = loaded(options.path)
    rng = np.random.default_rng(0)
    theta = script["initial_parameters"](rng)
    gradient = np.empty_like(theta)
    parameters, gradients = script["views"](theta), script["views"](gradient)
    optimiser = script["Adam"](theta, LEARNING_RATE)
    batches = [
        (arranged(X, network), arranged(y, network)) for X, y in random_batches(network)
    ]
    sharded = script.get("sharded_loss_and_gradients")
    one = script["loss_and_gradients"]
    loss = 0.0

    def step(i: int) -> None:
        nonlocal loss
        X, y = batches[i % len(batches)]
        if sharded:
            loss = sharded(parameters, gradient, X, y)
        else:
            loss = one(parameters, gradients, X, y)
        optimiser.step(theta, gradient)

    times = measure(step, options.seconds)
    report(options.name, options.mode, times, base_mb, float(loss))


def loaded(path: str, name: str = "gradtutor_script") -> dict[str, Any]:
    """Import a script by path; its compiled loops are cached under its name."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return vars(module)


def arranged(x: np.ndarray, network: Network) -> np.ndarray:
    """Put the batch last where the network has channels, second in sequences."""
    if x.ndim < 2 or len(network.input_shape) == 1:
        return x
    if network.recurrent:
        return np.ascontiguousarray(np.moveaxis(x, 0, 1))
    return np.ascontiguousarray(np.moveaxis(x, 0, -1))


if __name__ == "__main__":
    main()
