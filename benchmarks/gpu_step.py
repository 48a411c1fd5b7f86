"""Check and time one training step on a GPU beside PyTorch and JAX.

    pip install -e ".[cuda13]" torch "jax[cuda13]" && python benchmarks/gpu_step.py

First every network's step is checked against float64 NumPy; then all contenders are
timed on the same device at the same precision. Each runs in a process of its own, sets
itself up once, alone, and is measured in rounds that take turns. Who is not installed,
or not ready in the time that is left, gets a line that says so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import train_step

PEERS = Path(__file__).parent / "peers"
sys.path.append(str(PEERS))

from gpu_process import Process, ask, started, stopped  # noqa: E402 (found just now)
from gpu_table import (  # noqa: E402
    OURS,
    PRECISIONS,
    VARIANTS,
    check_table,
    device_line,
    timing_table,
)

NETWORKS = (*train_step.NETWORKS, "resnet-32x32x3")
THEIRS = {
    "PyTorch eager": ["gpu_pytorch.py", "--mode", "eager"],
    "PyTorch graph": ["gpu_pytorch.py", "--mode", "graph"],
    "PyTorch graph, channels-last": ["gpu_pytorch.py", "--mode", "graph-channels-last"],
    "JAX scan": ["gpu_jax.py"],
    "PyTorch compile": ["gpu_pytorch.py", "--mode", "compile"],
    "PyTorch graph of compile": ["gpu_pytorch.py", "--mode", "graph-compile"],
}
NO_DEVICE = 4  # exit code
LEAST_SETUP = 20.0  # seconds that a contender gets, unless --minutes are over


def shared(options: argparse.Namespace) -> list[str]:
    """Return the options that go to every process."""
    given = ["--precision", options.precision, "--device", options.device]
    given += ["--steps", str(options.steps)]
    return given + (["--batch", str(options.batch)] if options.batch else [])


# ---- checking ----


def checked(name: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Write a network's scripts, run its check and return what it found."""
    script = str(PEERS / "gpu_check.py")
    command = [sys.executable, script, name, str(folder), *shared(options)]
    limit = 60 * options.minutes
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=limit
        )
    except subprocess.TimeoutExpired:
        sys.exit(f"check of {name}: no answer in {limit:.0f} s; take a smaller --batch")
    lines = done.stdout.splitlines()
    if done.returncode == NO_DEVICE or not lines:
        why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        without = done.returncode == NO_DEVICE
        print(why if without else f"check of {name}: {why}", file=sys.stderr)
        sys.exit(NO_DEVICE if without else 1)
    found: dict[str, Any] = json.loads(lines[-1])
    return found


# ---- timing ----


def contenders(name: str, folder: Path) -> dict[str, list[str]]:
    """Return each contender's command; channels-last is for images."""
    commands = {}
    images = name.startswith(("lenet", "cnn", "resnet"))
    for ours, mode in OURS.items():
        kind = ours.rpartition(" ")[2] if ours.endswith(tuple(VARIANTS)) else "cupy"
        path = str(folder / f"{name}-{kind}.py")
        if kind == "cupy" or VARIANTS[kind].goes_with(name):
            commands[ours] = ["gpu_gradtutor.py", name, path, "--mode", mode]
    for theirs, (script, *more) in THEIRS.items():
        if images or "channels-last" not in theirs:
            commands[theirs] = [script, name, *more]
    return commands


@contextlib.contextmanager
def processes(
    name: str, folder: Path, options: argparse.Namespace
) -> Iterator[dict[str, Process]]:
    """Start all contenders of a network and stop them in the end."""
    running = {
        contender: started([*command, *shared(options)])
        for contender, command in contenders(name, folder).items()
    }
    try:
        yield running
    finally:
        for process in running.values():
            stopped(process)


def timed(
    name: str, folder: Path, options: argparse.Namespace, ends: tuple[float, float]
) -> dict[str, dict[str, Any]]:
    """Measure all contenders of a network.

    Parameters
    ----------
    ends : tuple of float
        On the monotonic clock: when they are to be set up, and the end of everything.

    Returns
    -------
    dict
        For each: ``skipped`` with the reason, or the facts of its step, ``setup_s`` and
        ``rounds``, the samples of each round in µs a step.
    """
    with processes(name, folder, options) as running:
        rows = {}
        for contender, process in running.items():  # imports run at the same time
            rows[contender] = ask(process, None, 120)
        for contender, process in running.items():  # alone: some tune themselves
            if "skipped" not in rows[contender]:
                began = time.monotonic()
                limit = max(ends[0] - began, min(LEAST_SETUP, ends[1] - began), 0)
                rows[contender] |= ask(process, "setup", limit)
                rows[contender]["setup_s"] = time.monotonic() - began
        for _ in range(options.rounds):
            for contender, process in running.items():
                if "skipped" not in rows[contender]:
                    found = ask(process, f"round {options.seconds}", 60)
                    rows[contender].setdefault("rounds", []).append(
                        found.pop("samples", [])
                    )
                    rows[contender] |= found
    return rows


def all_timed(folder: Path, options: argparse.Namespace, end: float) -> dict[str, Any]:
    """Measure network after network, each with its share of the time that is left."""
    results = {}
    for number, name in enumerate(options.networks):
        left = end - time.monotonic()
        if left < 0:
            say(options, [f"{name}: left out, --minutes {options.minutes:g} are over"])
            continue
        share = left / (len(options.networks) - number)
        measuring = options.rounds * options.seconds * (len(OURS) + len(THEIRS))
        limit = time.monotonic() + share - measuring
        results[name] = timed(name, folder, options, (limit, end))
        say(options, timing_table(name, results[name]))
    return results


def say(options: argparse.Namespace, lines: list[str]) -> None:
    """Print lines; beside the object of --json they are messages."""
    file = sys.stderr if options.json else sys.stdout
    print(*lines, sep="\n", file=file, flush=True)


# ---- command line ----


def read_options() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", default=NETWORKS)
    parser.add_argument("--precision", choices=PRECISIONS, default="float32")
    parser.add_argument("--batch", type=int, help="instead of each network's own")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3, help="of a round")
    parser.add_argument("--steps", type=int, default=128, help="in a sample")
    parser.add_argument("--minutes", type=float, default=8.0, help="for everything")
    parser.add_argument("--check-only", action="store_true")
    parser.add_argument("--json", action="store_true", help="print all numbers")
    parser.add_argument(
        "--device",
        choices=("cuda", "cpu"),
        default="cuda",
        help="cpu: PyTorch and JAX on trial",
    )
    options = parser.parse_args()
    if unknown := set(options.networks) - set(NETWORKS):
        parser.error(
            f"no such network: {', '.join(unknown)} (of {', '.join(NETWORKS)})"
        )
    if options.steps < 4 or options.rounds < 1:
        parser.error("--steps must be 4 or more, --rounds 1 or more")
    return options


def checked_and_timed(options: argparse.Namespace) -> int:
    """Check, and then time, the networks one after the other; return the exit code."""
    end = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checks = {one: checked(one, folder, options) for one in options.networks}
        facts = next(iter(checks.values()))["facts"]
        say(options, [device_line(facts, options.precision), *check_table(checks)])
        right = all(check["right"] for check in checks.values())
        if not right:
            print("a step is not right: nothing was timed", file=sys.stderr)
        timing = right and not options.check_only
        if timing and options.device == "cpu":
            say(options, ["PyTorch and JAX on the CPU: the times compare nothing"])
        times = all_timed(folder, options, end) if timing else {}
    if options.json:
        found = {"schema": 1, "facts": facts, "precision": options.precision}
        print(json.dumps(found | {"right": right, "checks": checks, "times": times}))
    return 0 if right else 1


def main() -> None:
    """Do what the command line says."""
    try:
        sys.exit(checked_and_timed(read_options()))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
