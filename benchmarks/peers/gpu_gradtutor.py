"""The contender of gpu_step.py that gradtutor wrote: a CuPy script's training step.

python benchmarks/peers/gpu_gradtutor.py lenet lenet.py --mode graph
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gpu_kernels
import gpu_worker
import numpy as np
from gradtutor_step import loaded
from networks import LEARNING_RATE


@dataclass(frozen=True)
class Training:
    """The state of a script's training, made as its `train` makes it."""

    script: dict[str, Any]
    theta: Any
    gradient: Any
    statistics: dict[str, Any]
    optimiser: Any
    stepper: Any
    scaler: Any = None


def training(
    script: dict[str, Any], X: np.ndarray, y: np.ndarray, theta: np.ndarray
) -> Training:
    """Put data and parameters on the device and return what runs their steps.

    All is as theta is, float32 or float64, but labels.
    """
    cp = script["cp"]
    kind = theta.dtype
    on_device = cp.asarray(theta)
    gradient = cp.zeros_like(on_device)
    parameters, gradients = script["views"](on_device), script["views"](gradient)
    statistics = {
        name: cp.full(shape, name.startswith("var"), kind)
        for name, shape in script.get("STATISTICS", {}).items()
    }
    optimiser = script["Adam"](on_device, LEARNING_RATE)
    scaler = script["LossScale"](kind) if "LossScale" in script else None
    more, halves = [statistics] if statistics else [], None
    if "HALF" in script:  # the weights in 16 bits, cast once a step
        halves = cp.empty(on_device.shape, script["narrow"](kind))
        more = [script["views"](halves), *([scaler.scale] if scaler else []), *more]

    def step(stepper: Any, N: int) -> None:
        """Do what the script's own step does."""
        X, y = script["next_batch"](stepper, N)
        if halves is not None:
            script["convert"](on_device, halves)
        loss = script["loss_and_gradients"](parameters, gradients, X, y, *more)
        if scaler:
            scaler.unscale(gradient)
        counts = [scaler.counts] if scaler else []
        optimiser.step(on_device, gradient, stepper.clock, *counts)
        if scaler:
            scaler.update()
        stepper.finish(loss, N)

    rows = cp.asarray(X.reshape(len(X), -1), kind)
    stepper = script["Stepper"](rows, script["on_device"](targets(y, kind)), 0, step)
    return Training(script, on_device, gradient, statistics, optimiser, stepper, scaler)


def targets(y: np.ndarray, kind: Any) -> np.ndarray:
    """Return targets as a loader gives them: labels, or a row for each example."""
    return y.reshape(len(y), -1).astype(kind) if y.ndim > 1 else y


def started(path: str, mode: str = "graph") -> dict[str, Any]:
    """Load a CuPy script and choose its stream, as its `main` does."""
    script = loaded(path, "gradtutor_cupy_script")
    script["GRAPH"] = mode == "graph"
    script["need_device"]()
    script["cp"].cuda.Stream(non_blocking=True).use()
    return script


def prepared(options: Any) -> gpu_worker.Contender:
    """Return the contender, and what its kernels take."""
    script = started(options.path, options.mode)
    network = gpu_worker.network_of(options)
    X, y, order = gpu_worker.data_set(network, options.steps)
    theta = script["initial_parameters"](np.random.default_rng(0))
    run = training(script, X, y, theta)
    events = script["cp"].cuda.Event(), script["cp"].cuda.Event()

    def sample() -> float:
        run.stepper.begin_epoch(order.ravel())
        events[0].record()
        for _ in order:
            run.stepper.run(network.batch)
        events[1].record()
        events[1].synchronize()
        taken = script["cp"].cuda.get_elapsed_time(*events)  # ms
        return float(taken) * 1000 / len(order)

    def facts() -> dict[str, Any]:
        loss = float(run.stepper.total[0]) / order.size
        if options.mode != "graph":
            return {"loss": loss}
        run.stepper.begin_epoch(order.ravel())
        return {"loss": loss} | gpu_kernels.facts(run, network.batch)

    return gpu_worker.Contender(sample, facts)


def main() -> None:
    """Answer gpu_step.py."""
    parser = gpu_worker.parser(__doc__)
    parser.add_argument("path")
    parser.add_argument("--mode", choices=("graph", "no-graph"), default="graph")
    options = parser.parse_args()
    gpu_worker.serve(lambda: prepared(options), {})


if __name__ == "__main__":
    main()
