"""Time scripts with the threads that they choose, and with all that BLAS takes.

    python benchmarks/threads.py

Every script runs whole, as its user runs it, quiet and beside one busy process, in
rounds that take turns. Prints the medians of a step in milliseconds, data gathered
included, and two ratios: what the choice costs on a quiet machine (1.00: nothing;
above: it is faster), and how much slower a step is beside the busy process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Of the examples that come along: data and options.
SCRIPTS = {
    "mlp": ["--data", "mnist"],
    "lenet": ["--data", "mnist", "--batch-size", "64"],
    "digits-sigmoid": ["--data", "mnist"],
}
VARIABLE = "OPENBLAS_NUM_THREADS"


@contextmanager
def company(busy: bool) -> Iterator[None]:
    """Have another process compute meanwhile, or none."""
    command = [sys.executable, "-c", "while True: pass" if busy else ""]
    child = subprocess.Popen(command)
    try:
        yield
    finally:
        child.kill()
        child.wait()


def step_ms(script: Path, threads: str, busy: bool) -> float:
    """Run a script for two epochs; return its mean step."""
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_THREADS")}
    environment |= {VARIABLE: threads} if threads else {}
    command = [sys.executable, str(script), "--json", "--epochs", "2"]
    with company(busy):
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment
        )
    return float(json.loads(done.stdout.splitlines()[-1])["step_ms"])


def measured(script: Path, rounds: int) -> dict[tuple[str, bool], float]:
    """Return the median step by threads ("" for the script's choice) and company."""
    every = str(len(os.sched_getaffinity(0)))
    cases = [(threads, busy) for threads in ("", every) for busy in (False, True)]
    found: dict[tuple[str, bool], list[float]] = {case: [] for case in cases}
    for _ in range(rounds):
        for case in cases:
            found[case].append(step_ms(script, *case))
    return {case: statistics.median(times) for case, times in found.items()}


def main() -> None:
    """Print a table of two lines a script."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{'':<34}{'quiet':>9}{'busy':>9}{'busy/quiet':>12}{'all/chosen':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in SCRIPTS.items():
            path = Path(folder) / f"{name}.py"
            command = ["gen", f"{name}.net", *arguments, "-o", str(path)]
            subprocess.run([sys.executable, "-m", "gradtutor", *command], check=True)
            times = measured(path, options.rounds)
            (_, chosen), (_, every) = [
                (threads, times[threads, False]) for threads, busy in times if not busy
            ]
            for threads in dict.fromkeys(threads for threads, _ in times):
                quiet, busy = times[threads, False], times[threads, True]
                words = f"{name}, {threads or 'chosen'} threads of BLAS"
                gain = "" if threads else f"{every / chosen:11.2f}x"
                print(f"{words:<34}{quiet:9.3f}{busy:9.3f}{busy / quiet:11.2f}x{gain}")


if __name__ == "__main__":
    main()
