"""Time one training step (forward, loss, backward, Adam) beside PyTorch and JAX.

    pip install -e ".[bench]" && python benchmarks/train_step.py
    python benchmarks/train_step.py --quick      what four minutes have room for

Every contender runs in a process of its own (OpenBLAS's and OpenMP's spinning threads
ruin each other in one), float32, all cores, in rounds that take turns. Prints the
median over rounds of each contender's median step in microseconds, the best round, the
ratio to the best peer, and the memory above what the libraries themselves take. What is
not installed, or has no time left, is a row that says why. --torch-python and
--jax-python name other Pythons, which have these peers.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
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
    "cnn-batchnorm-32x32x3",
    "lstm-28x28",
    "gru-28x28",
)
#: Of them, and of the contenders, those that a few minutes have room for.
QUICK = tuple(name for name in NETWORKS if "1024" not in name and name != "cnn-32x32x3")
QUICK_CONTENDERS = ("gradtutor numpy", "gradtutor numba", "PyTorch eager", "JAX jit")
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
NO_TIME = "no time left"

#: The results of each contender's rounds, or one that says why there is none.
Rows = dict[str, list[dict[str, Any]]]


class Runner:
    """Runs contenders until the time is up.

    Parameters
    ----------
    pythons : dict
        The Python of a peer's script, where it is another one.
    minutes : float
        How long all may take.
    """

    def __init__(self, pythons: dict[str, str], minutes: float) -> None:
        self.pythons, self.end = pythons, time.monotonic() + 60 * minutes

    def run(self, threads: str, script: str, *arguments: str) -> dict[str, Any]:
        """Run one contender and return the object it prints.

        A script says how many threads BLAS gets before it imports NumPy; here NumPy is
        imported first, so it is said from outside. A peer decides itself.
        """
        python = self.pythons.get(script, sys.executable)
        said = {"OPENBLAS_NUM_THREADS": threads} if threads else {}
        try:
            done = self.started([python, str(PEERS / script), *arguments], said)
        except (subprocess.TimeoutExpired, OSError) as error:
            late = isinstance(error, subprocess.TimeoutExpired)
            return {"skipped": NO_TIME if late else str(error)}
        if done.returncode:
            return {"skipped": (done.stderr.strip().splitlines() or ["no message"])[-1]}
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result

    def started(
        self, command: list[str], said: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command for as long as there is time.

        Raises
        ------
        subprocess.TimeoutExpired
            When there is none left.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise subprocess.TimeoutExpired(command, 0)
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=left,
            env={**os.environ, **said},
        )  # fmt: skip


def contenders(name: str, folder: Path, chosen: Sequence[str]) -> dict[str, list[str]]:
    """Return each contender's threads and command; our scripts are written first."""
    commands = {}
    for ours, options in OURS.items():
        if f"gradtutor {ours}" in chosen:
            path = str(folder / f"{name}-{'-'.join(options)}.py")
            command = [sys.executable, str(PEERS / "write_script.py"), name, path]
            written = subprocess.run(
                [*command, *options], check=True, capture_output=True, text=True
            )
            step = [written.stdout.strip(), "gradtutor_step.py", name, path]
            commands[f"gradtutor {ours}"] = [*step, "--mode", ours]
    for theirs, (script, *options) in THEIRS.items():
        commands[theirs] = ["", script, name, *options]
    commands[FLOOR] = ["", "gemm_floor.py", name]
    return {contender: commands[contender] for contender in chosen}


def measured(
    runner: Runner, commands: dict[str, list[str]], rounds: int, seconds: float
) -> Rows:
    """Run all contenders, round by round; one that is skipped is not asked again."""
    rows: Rows = {contender: [] for contender in commands}
    for _ in range(rounds):
        for contender, command in commands.items():
            known = rows[contender]
            if not any("skipped" in row for row in known):
                known.append(runner.run(*command, "--seconds", str(seconds)))
    for contender, known in rows.items():
        rows[contender] = [row for row in known if "median_us" in row] or known[-1:]
    return rows


def table(name: str, rows: Rows) -> list[str]:
    """Return the lines of one network's table."""
    medians = {
        contender: statistics.median(row["median_us"] for row in results)
        for contender, results in rows.items()
        if "skipped" not in results[0]
    }
    best_peer = min((medians[one] for one in THEIRS if one in medians), default=None)
    lines = [
        f"{name}",
        f"  {'':<28}{'median µs':>11}{'best µs':>11}{'× best peer':>13}{'MB':>8}",
    ]
    for contender, results in rows.items():
        if contender not in medians:
            lines.append(f"  {contender:<28}  skipped: {results[0]['skipped']}")
            continue
        best = min(row["best_us"] for row in results)
        memory = statistics.median(row["peak_mb"] - row["base_mb"] for row in results)
        ratio = f"{best_peer / medians[contender]:.2f}x" if best_peer else "-"
        lines.append(
            f"  {contender:<28}{medians[contender]:>11,.0f}{best:>11,.0f}"
            f"{ratio:>13}{memory:>8.0f}"
        )
    return lines


def main() -> None:
    """Time the networks one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--minutes", type=float, help="how long all may take")
    parser.add_argument(
        "--quick", action="store_true", help="in less than four minutes"
    )
    parser.add_argument("--torch-python", default=sys.executable)
    parser.add_argument("--jax-python", default=sys.executable)
    said = parser.parse_args()
    usual = (1, 0.4, 3.7) if said.quick else (3, 3.0, 600.0)
    given = (said.rounds, said.seconds, said.minutes)
    pairs = zip(given, usual, strict=True)
    rounds, seconds, minutes = (a if a is not None else b for a, b in pairs)
    pythons = {"pytorch_step.py": said.torch_python, "jax_step.py": said.jax_python}
    runner = Runner(pythons, minutes)
    every = [*(f"gradtutor {ours}" for ours in OURS), *THEIRS, FLOOR]
    chosen = QUICK_CONTENDERS if said.quick else every
    with tempfile.TemporaryDirectory() as folder:
        for name in said.networks or (QUICK if said.quick else NETWORKS):
            commands = contenders(name, Path(folder), chosen)
            rows = measured(runner, commands, rounds, seconds)
            print("\n".join(table(name, rows)), flush=True)


if __name__ == "__main__":
    main()
