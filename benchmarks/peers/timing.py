"""How every peer of the step benchmark times single steps, and what it prints."""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Callable


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
