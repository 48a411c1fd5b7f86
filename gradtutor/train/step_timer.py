"""Time steps of scripts in turns, in a process of its own; print least seconds each.

Started by `tuning` with one argument, a JSON object: paths of scripts, shapes of X and
y, and how many seconds all may take.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def step_of(path: str, shapes: list[list[int]]) -> Callable[[], object]:
    """Return a script's step on random numbers."""
    import numpy as np

    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    rng = np.random.default_rng(0)
    theta = module.initial_parameters(rng)
    parameters, gradients = module.views(theta), module.views(np.empty_like(theta))
    X, y = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
    return lambda: module.loss_and_gradients(parameters, gradients, X, y)


def least_seconds(steps: list[Callable[[], object]], seconds: float) -> list[float]:
    """Time steps in turns, for so long and at least five times each."""
    for step in steps:
        step()  # compiles
    times: list[list[float]] = [[] for _ in steps]
    end = time.perf_counter() + seconds
    while len(times[0]) < 5 or time.perf_counter() < end:
        for step, found in zip(steps, times, strict=True):
            began = time.perf_counter()
            step()
            found.append(time.perf_counter() - began)
    return [min(found) for found in times]


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    made = [step_of(path, asked["shapes"]) for path in asked["paths"]]
    print(json.dumps(least_seconds(made, asked["seconds"])))
