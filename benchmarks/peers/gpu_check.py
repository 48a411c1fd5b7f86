"""Check the CuPy script's steps against the NumPy script's in float64, and say where.

python benchmarks/peers/gpu_check.py lenet FOLDER writes both scripts into the folder.
The device computes in float64 first, then as it will be timed. Each step begins from
the device's own parameters: its loss and every gradient are compared with float64's;
then the optimiser's move, given the device's gradient.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gpu_worker
import numpy as np
from gpu_gradtutor import Training, started, targets, training
from gpu_table import VARIANTS
from gradtutor_step import loaded
from networks import LEARNING_RATE, Network
from write_script import write

STEPS = 3  # the first is launched kernel by kernel, the others are replays of a graph
#: Largest relative differences, in the Euclidean norm, of the device's numbers. In
#: float64 they say that the mathematics is right. In single precision a ReLU whose
#: input rounds to the other side of 0 changes a gradient at once: with TF32's 10 bits
#: by up to 0.15 (simulated in NumPy for these networks), with float32's 23 more rarely.
TOLERANCES = {
    "float64": {"loss": 1e-11, "gradients": 1e-8, "move": 1e-8},
    "float32": {"loss": 1e-5, "gradients": 2e-2, "move": 1e-3},
    "tf32": {"loss": 2e-3, "gradients": 3e-1, "move": 1e-3},
    "bfloat16": {"loss": 1e-2, "gradients": 6e-1, "move": 1e-3},
    "float16": {"loss": 2e-3, "gradients": 3e-1, "move": 1e-3},
}


def scripts(options: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write, and load, the script for the device and its twin in NumPy."""
    network = gpu_worker.network_of(options)
    paths = [options.folder / f"{options.name}-{kind}.py" for kind in ("cupy", "numpy")]
    write(paths[0], network, backend="cupy", precision=options.precision)
    script = started(str(paths[0]))  # ends here where there is no device
    write(paths[1], network)
    return script, loaded(str(paths[1]))


def variant_scripts(
    options: argparse.Namespace,
) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Write the scripts with other options; yield each, or why it cannot be loaded."""
    network = gpu_worker.network_of(options)
    for kind, variant in VARIANTS.items():
        if variant.goes_with(options.name, options.precision):
            path = options.folder / f"{options.name}-{kind}.py"
            settings = {"precision": options.precision} | variant.settings
            write(path, network, backend="cupy", **settings)
            if not importlib.util.find_spec(variant.package):
                yield f"{kind} ", f"no module named {variant.package!r}"
                continue
            try:
                yield f"{kind} ", started(str(path))
            except (Exception, SystemExit) as error:  # the others can still be checked
                yield f"{kind} ", reason(error)


def reason(error: BaseException) -> str:
    """Return an error's last line, or its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


# ---- the witness ----


def host_parameters(script: dict[str, Any], theta: np.ndarray) -> np.ndarray:
    """Return a flat vector of the device as the NumPy script lays it out, float64."""
    arrays = script["views"](theta)
    return np.concatenate([array.ravel() for array in arrays]).astype(np.float64)


def batch(
    script: dict[str, Any], X: np.ndarray, y: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a batch in float64 as the NumPy script's network reads it."""
    flat = X[rows].reshape(len(rows), -1).astype(np.float64)
    answers = targets(y[rows], np.float64)
    everything = np.arange(len(rows))
    take = script.get("take")
    return take(flat, answers, everything) if take else (flat, answers)


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return |ours - theirs| / |theirs|; infinite where ours is not finite."""
    if not np.isfinite(ours).all():
        return float("inf")
    return float(np.linalg.norm(ours - theirs) / max(np.linalg.norm(theirs), 1e-300))


def compared(
    run: Training, witness: dict[str, Any], network: Network, data: Any
) -> dict[str, Any]:
    """Return the largest differences over all steps: of loss, gradients by name, move.

    Running statistics of a batch normalisation count among the gradients.
    """
    X, y, order = data
    theta = host_parameters(run.script, run.theta.get())
    optimiser = witness["Adam"](theta, LEARNING_RATE)
    shapes = witness.get("STATISTICS", {}).items()
    kept = {name: np.full(s, float(name.startswith("var"))) for name, s in shapes}
    worst: dict[str, Any] = {"loss": 0.0, "gradients": {}, "move": 0.0}
    run.stepper.begin_epoch(order.ravel())
    losses = 0.0  # of the device
    for rows in order:
        before, gradient = theta.copy(), np.zeros_like(theta)
        loss = witness["loss_and_gradients"](
            *(witness["views"](flat) for flat in (theta, gradient)),
            *batch(witness, X, y, rows),
            *([kept] if kept else []),
        )
        run.stepper.run(network.batch)
        sum_of_losses = float(run.stepper.total[0]) / network.batch
        note(worst, "loss", np.array(sum_of_losses - losses), np.array(loss))
        losses = sum_of_losses
        device = host_parameters(run.script, run.gradient.get())
        pairs = (witness["views"](flat) for flat in (device, gradient))
        for name, ours, theirs in zip(witness["SHAPES"], *pairs, strict=True):
            note(worst["gradients"], name, ours, theirs)
        optimiser.step(theta, device)
        after = host_parameters(run.script, run.theta.get())
        note(worst, "move", after - before, theta - before)
        theta[...] = after
    for name, array in kept.items():
        note(worst["gradients"], name, run.statistics[name].get(), array)
    return worst


def note(worst: dict[str, Any], key: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    """Keep the largest relative difference."""
    worst[key] = max(worst.get(key, 0.0), relative(ours, theirs))


def judged(worst: dict[str, Any], precision: str) -> dict[str, Any]:
    """Return the differences with the worst gradient's name, and the verdict."""
    gradients = worst["gradients"]
    name = max(gradients, key=gradients.__getitem__)
    found = worst | {"gradients": gradients[name], "worst": name}
    limits = TOLERANCES[precision].items()
    return found | {"right": all(found[kind] <= limit for kind, limit in limits)}


# ---- the device, and the verdict ----


def device_facts(cp: Any) -> dict[str, Any]:
    """Name device, driver and versions."""
    runtime = cp.cuda.runtime
    device = runtime.getDeviceProperties(runtime.getDevice())
    facts = {
        "device": device["name"].decode(),
        "compute_capability": f"{device['major']}.{device['minor']}",
        "multiprocessors": device["multiProcessorCount"],
        "cuda_driver": version(runtime.driverGetVersion()),
        "cuda_runtime": version(runtime.runtimeGetVersion()),
        "cupy": cp.__version__,
    }
    if tool := shutil.which("nvidia-smi"):
        asked = [tool, "--query-gpu=driver_version", "--format=csv,noheader"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        facts["driver"] = done.stdout.split("\n", maxsplit=1)[0].strip()
    return facts


def version(number: int) -> str:
    """Write CUDA's number of a version.

    >>> version(13010)
    '13.1'
    """
    return f"{number // 1000}.{number % 1000 // 10}"


def main() -> None:
    """Print one JSON object; exit code 1 where a difference is too large."""
    parser = gpu_worker.parser(__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    network = gpu_worker.network_of(options)
    script, witness = scripts(options)
    data = gpu_worker.data_set(network, STEPS)
    theta = script["initial_parameters"](np.random.default_rng(0))
    found = {}
    for kind, made in (("", script), *variant_scripts(options)):
        for precision in ("float64", options.precision):
            if isinstance(made, str):
                found[kind + precision] = {"skipped": made}
                continue
            start = theta.astype(np.float64 if precision == "float64" else np.float32)
            try:
                run = training(made, data[0], data[1], start)
                worst = compared(run, witness, network, data)
            except Exception as error:  # of one script: the others go on
                found[kind + precision] = {"skipped": reason(error)}
            else:
                found[kind + precision] = judged(worst, precision)
    right = all(one.get("right", False) for one in found.values())
    facts = device_facts(script["cp"])
    print(json.dumps({"right": right, "precisions": found, "facts": facts}))
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
