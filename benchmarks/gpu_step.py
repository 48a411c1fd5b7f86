"""Check and time one training step on a GPU beside PyTorch and JAX.

    pip install -e ".[cuda13]" torch "jax[cuda13]" && python benchmarks/gpu_step.py

Network by network, the step is checked against float64 NumPy; then all contenders are
timed on the same device at the same precision. Each runs in a process of its own, sets
itself up once, alone, and is measured in rounds that take turns. Who is not installed,
fails, is wrong, or is not ready in the time that is left, gets a line that says why,
and all others go on. With --json every network is a line at once.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import train_step

PEERS = Path(__file__).parent / "peers"
sys.path.insert(0, str(PEERS))

from gpu_process import Process, ask, started, stopped  # noqa: E402 (found just now)
from gpu_table import (  # noqa: E402
    OURS,
    PRECISIONS,
    VARIANTS,
    check_table,
    device_line,
    fault,
    kind_of,
    timing_table,
)
from networks import NETWORKS as ALL  # noqa: E402
from networks import resized  # noqa: E402
from write_script import write  # noqa: E402

NETWORKS = (*train_step.NETWORKS, "resnet-32x32x3")
THEIRS = {
    "PyTorch graph": ["gpu_pytorch.py", "--mode", "graph"],
    "PyTorch compile (Adam eager)": ["gpu_pytorch.py", "--mode", "compile"],
    "PyTorch compile, whole step": ["gpu_pytorch.py", "--mode", "compile-step"],
    "PyTorch graph, channels-last": ["gpu_pytorch.py", "--mode", "graph-channels-last"],
    "PyTorch graph of compile": ["gpu_pytorch.py", "--mode", "graph-compile"],
    "JAX scan": ["gpu_jax.py"],
    "PyTorch eager": ["gpu_pytorch.py", "--mode", "eager"],
}
NO_DEVICE = 4  # exit code
LEAST_SETUP = 20.0  # seconds that a contender gets, unless --minutes are over
LEAST_CHECK = 60.0  # seconds that a check gets


def shared(options: argparse.Namespace) -> list[str]:
    """Return the options that go to every process."""
    given = ["--precision", options.precision, "--device", options.device]
    given += ["--steps", str(options.steps)]
    return given + (["--batch", str(options.batch)] if options.batch else [])


# ---- checking ----


class NoDeviceError(Exception):
    """There is no device, or no CuPy: nothing of ours can run."""


def checked(
    name: str, folder: Path, options: argparse.Namespace, limit: float
) -> dict[str, Any]:
    """Write a network's scripts, run its check and return what it found.

    Returns
    -------
    dict
        ``right``, ``precisions`` and ``facts``; or ``skipped`` with the reason.

    Raises
    ------
    NoDeviceError
    """
    script = str(PEERS / "gpu_check.py")
    command = [sys.executable, script, name, str(folder), *shared(options)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return {"skipped": f"no answer in {limit:.0f} s; take a smaller --batch"}
    lines = done.stdout.splitlines()
    why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    if done.returncode == NO_DEVICE:
        raise NoDeviceError(why)
    found: dict[str, Any] = json.loads(lines[-1]) if lines else {"skipped": why}
    return found


def unchecked(name: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Write a network's scripts, and check nothing."""
    network = resized(ALL[name], options.batch)
    given = {"backend": "cupy", "precision": options.precision}
    write(folder / f"{name}-cupy.py", network, **given)
    for kind, variant in VARIANTS.items():
        if variant.goes_with(name, options.precision):
            write(folder / f"{name}-{kind}.py", network, **given | variant.settings)
    return {}


# ---- timing ----


def contenders(
    name: str, folder: Path, options: argparse.Namespace
) -> dict[str, list[str]]:
    """Return each contender's command; channels-last is for images."""
    commands = {}
    images = name.startswith(("lenet", "cnn", "resnet"))
    for ours, mode in OURS.items():
        kind = ours.rpartition(" ")[2] if ours.endswith(tuple(VARIANTS)) else "cupy"
        path = str(folder / f"{name}-{kind}.py")
        if kind == "cupy" or VARIANTS[kind].goes_with(name, options.precision):
            commands[ours] = ["gpu_gradtutor.py", name, path, "--mode", mode]
    for theirs, (script, *more) in THEIRS.items():
        if images or "channels-last" not in theirs:
            commands[theirs] = [script, name, *more]
    return {one: c for one, c in commands.items() if wanted(one, options.only)}


def wanted(contender: str, only: list[str]) -> bool:
    """Whether a contender is asked for, by a part of its name."""
    return not only or any(part.lower() in contender.lower() for part in only)


@contextlib.contextmanager
def processes(
    name: str, folder: Path, options: argparse.Namespace, left_out: Collection[str]
) -> Iterator[dict[str, Process]]:
    """Start a network's contenders but those left out, and stop them in the end."""
    running = {
        contender: started([*command, *shared(options)])
        for contender, command in contenders(name, folder, options).items()
        if contender not in left_out
    }
    try:
        yield running
    finally:
        for process in running.values():
            stopped(process)


def timed(
    name: str,
    folder: Path,
    options: argparse.Namespace,
    ends: tuple[float, float],
    faults: dict[str, str],
) -> dict[str, dict[str, Any]]:
    """Measure all contenders of a network.

    Parameters
    ----------
    ends : tuple of float
        On the monotonic clock: when they are to be set up, and the end of everything.
    faults : dict
        Who is not timed, and why.

    Returns
    -------
    dict
        For each: ``skipped`` with the reason, or the facts of its step, ``setup_s`` and
        ``rounds``, the samples of each round in µs a step.
    """
    rows: dict[str, dict[str, Any]] = {one: {"skipped": w} for one, w in faults.items()}
    with processes(name, folder, options, faults) as running:
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


def one_network(
    name: str, folder: Path, options: argparse.Namespace, share: float, end: float
) -> dict[str, Any]:
    """Check and then time one network; return what was found."""
    began = time.monotonic()
    check = unchecked(name, folder, options)
    if not options.skip_check:
        check = checked(name, folder, options, max(share, LEAST_CHECK))
    if options.check_only:
        return {"check": check, "times": {}}
    faults = {
        one: why
        for one in contenders(name, folder, options)
        if one in OURS
        for why in [fault(check, kind_of(one))]
        if why
    }
    measuring = options.rounds * options.seconds * (len(OURS) + len(THEIRS))
    limit = began + share - measuring
    return {"check": check, "times": timed(name, folder, options, (limit, end), faults)}


def every_network(folder: Path, options: argparse.Namespace) -> bool:
    """Take network after network, each with its share of the time that is left.

    Returns
    -------
    bool
        Whether every step that was checked is right.
    """
    end = time.monotonic() + 60 * options.minutes
    right, facts = True, None
    for number, name in enumerate(options.networks):
        left = end - time.monotonic()
        if left < 0:
            say(options, [f"{name}: skipped: --minutes {options.minutes:g} are over"])
            continue
        share = left / (len(options.networks) - number)
        found = one_network(name, folder, options, share, end)
        check = found["check"]
        if facts is None and "facts" in check:
            facts = check["facts"]
            say(options, [device_line(facts, options.precision)])
        right &= check.get("right", options.skip_check)
        say(options, [] if options.skip_check else check_table({name: check}))
        say(options, timing_table(name, found["times"]) if found["times"] else [])
        if options.json:
            head = {"schema": 1, "network": name, "precision": options.precision}
            print(json.dumps(head | {"facts": facts} | found), flush=True)
    return right


def say(options: argparse.Namespace, lines: list[str]) -> None:
    """Print lines; beside the object of --json they are messages."""
    file = sys.stderr if options.json else sys.stdout
    if lines:
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
    parser.add_argument("--skip-check", action="store_true", help="time all the same")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="part of a name"
    )
    parser.add_argument("--json", action="store_true", help="a line a network, at once")
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
    """Check and time the networks one after the other; return the exit code."""
    if options.device == "cpu" and not options.check_only:
        say(options, ["PyTorch and JAX on the CPU: the times compare nothing"])
    with tempfile.TemporaryDirectory() as folder:
        try:
            right = every_network(Path(folder), options)
        except NoDeviceError as error:
            print(error, file=sys.stderr)
            return NO_DEVICE
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
