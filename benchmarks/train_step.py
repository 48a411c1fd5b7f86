"""Time one training step (forward, loss, backward, Adam) beside PyTorch and JAX.

    pip install -e ".[bench]" && python benchmarks/train_step.py

Every contender runs in a process of its own (OpenBLAS's and OpenMP's spinning threads
ruin each other in one), float32, all cores, in rounds that take turns. Prints the
median over rounds of each contender's median step in microseconds, the best round, the
ratio to the best peer, and the memory above what the libraries themselves take.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PEERS = Path(__file__).parent / "peers"
NETWORKS = (
    "mlp-400-25-15-10",
    "mlp-784-16-16-10",
    "mlp-784-256-128-10",
    "mlp-784-1024-1024-10",
    "lenet",
    "eeg-denoiser",
    "cnn-32x32x3",
)
OURS = {
    "numpy": ["--backend", "numpy"],
    "numpy, 2 threads": ["--backend", "numpy", "--threads", "2"],
    "numba": ["--backend", "numba"],
    "numba, 2 threads": ["--backend", "numba", "--threads", "2"],
}
THEIRS = {
    "PyTorch eager": ["pytorch_step.py", "--mode", "eager"],
    "PyTorch channels-last": ["pytorch_step.py", "--mode", "channels-last"],
    "PyTorch compile": ["pytorch_step.py", "--mode", "compile"],
    "JAX jit": ["jax_step.py"],
}
FLOOR = "products alone"

Rows = dict[str, list[dict[str, Any]]]


def run(threads: str, script: str, *arguments: str) -> dict[str, Any]:
    """Run one contender and return the object it prints.

    A script says how many threads BLAS gets before it imports NumPy; here NumPy is
    imported first, so it is said from outside. A peer decides itself.
    """
    command = [sys.executable, str(PEERS / script), *arguments]
    said = {"OPENBLAS_NUM_THREADS": threads} if threads else {}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **said}
    )
    if done.returncode:
        return {"skipped": done.stderr.strip().splitlines()[-1:]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def contenders(name: str, folder: Path) -> dict[str, list[str]]:
    """Return each contender's threads and command; our scripts are written first."""
    commands = {}
    for ours, options in OURS.items():
        path = str(folder / f"{name}-{'-'.join(options)}.py")
        written = [sys.executable, str(PEERS / "write_script.py"), name, path, *options]
        done = subprocess.run(written, check=True, capture_output=True, text=True)
        mode = ["--mode", ours]
        step = [done.stdout.strip(), "gradtutor_step.py", name, path, *mode]
        commands[f"gradtutor {ours}"] = step
    for theirs, (script, *options) in THEIRS.items():
        commands[theirs] = ["", script, name, *options]
    return commands | {FLOOR: ["", "gemm_floor.py", name]}


def measured(name: str, rounds: int, seconds: float, folder: Path) -> Rows:
    """Run all contenders, round by round."""
    commands = contenders(name, folder)
    rows: Rows = {contender: [] for contender in commands}
    for _ in range(rounds):
        for contender, command in commands.items():
            result = run(*command, "--seconds", str(seconds))
            if "median_us" in result:
                rows[contender].append(result)
    return {contender: results for contender, results in rows.items() if results}


def table(name: str, rows: Rows) -> list[str]:
    """Return the lines of one network's table."""
    medians = {
        contender: statistics.median(row["median_us"] for row in results)
        for contender, results in rows.items()
    }
    best_peer = min(medians[contender] for contender in THEIRS if contender in medians)
    lines = [
        f"{name}",
        f"  {'':<28}{'median µs':>11}{'best µs':>11}{'× best peer':>13}{'MB':>8}",
    ]
    for contender, results in rows.items():
        best = min(row["best_us"] for row in results)
        memory = statistics.median(row["peak_mb"] - row["base_mb"] for row in results)
        ratio = best_peer / medians[contender]
        lines.append(
            f"  {contender:<28}{medians[contender]:>11,.0f}{best:>11,.0f}"
            f"{ratio:>12.2f}x{memory:>8.0f}"
        )
    return lines


def main() -> None:
    """Time the networks one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in options.networks:
            rows = measured(name, options.rounds, options.seconds, Path(folder))
            print("\n".join(table(name, rows)), flush=True)


if __name__ == "__main__":
    main()
