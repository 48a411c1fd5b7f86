"""Time a training step on one rank and on several, and plot what many would give.

    pip install -e ".[mpi,data]" && python benchmarks/scaling.py
    python benchmarks/scaling.py --plot docs/pictures/scaling.png

Every contender trains the same network with the same global batch on MNIST, each rank
with one BLAS thread, in rounds that take turns; the best round of each is shown.
"Overlapped" is a trial that is not in the scripts: an all-reduce for each parameter,
begun as soon as its gradient is there. The model of many ranks is in docs/parallel.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtutor.train import mpiexec_command

HEAD = "loss = CrossEntropyLoss()\noptimizer = Adam(lr=0.001)\n"
#: The network and its global batch.
NETWORKS = {
    "mlp-784-256-128-10": (
        "Sequential([Input(784), Linear(256), ReLU(), Linear(128), ReLU(),"
        " Linear(10)])",
        256,
    ),
    "mlp-784-1024-1024-10": (
        "Sequential([Input(784), Linear(1024), ReLU(), Linear(1024), ReLU(),"
        " Linear(10)])",
        256,
    ),
    "lenet": (
        "Sequential([Input(1, 28, 28), Conv2d(8, 5), ReLU(), MaxPool2d(2),"
        " Conv2d(16, 5), ReLU(), MaxPool2d(2), Flatten(), Linear(10)])",
        64,
    ),
    "cnn-batch-norm": (
        "Sequential([Input(1, 28, 28), Conv2d(16, 3), BatchNorm2d(16), ReLU(),"
        " MaxPool2d(2), Conv2d(32, 3), BatchNorm2d(32), ReLU(), MaxPool2d(2),"
        " Flatten(), Linear(10)])",
        64,
    ),
}
#: Seconds that a message takes to start, and bytes a second; None is measured here.
FABRICS: dict[str, tuple[float, float] | None] = {
    "shared memory, as measured": None,
    "100 Gb/s InfiniBand: 2 µs, 12.5 GB/s": (2e-6, 12.5e9),
    "10 Gb/s Ethernet: 30 µs, 1.25 GB/s": (30e-6, 1.25e9),
}


@dataclass(frozen=True)
class Step:
    """What a step of a network takes on one rank with one thread, in seconds."""

    whole: float
    optimiser: float  # every rank moves all parameters
    bytes: int  # of the gradient


def all_reduce_seconds(
    ranks: int, size: int, latency: float, bandwidth: float
) -> float:
    """Return the time of a ring all-reduce of so many bytes.

    2 (p - 1) messages of size / p bytes: p - 1 to add, p - 1 to hand out (Patarasuk &
    Yuan 2009; Thakur, Rabenseifner & Gropp 2005).
    """
    rounds = 2 * (ranks - 1)
    return rounds * latency + rounds / ranks * size / bandwidth


def speed_up(step: Step, ranks: int, latency: float, bandwidth: float) -> float:
    """Return how many times faster ranks with a part of the same batch each are."""
    alone = (step.whole - step.optimiser) / ranks + step.optimiser
    waiting = all_reduce_seconds(ranks, step.bytes, latency, bandwidth)
    return step.whole / (alone + waiting)


# ---- measuring ----


def overlapped(script: str) -> str:
    """Begin the all-reduce of each gradient in the backward pass, wait at its end."""
    head, rest = script.split("    # ---- backward ----\n", 1)
    body, tail = rest.split("    return float(loss_share)\n", 1)
    for name in sorted(set(re.findall(r"\bout=(d(?:W|b|gamma|beta)\d+)\b", body))):
        body = re.sub(
            rf"(.*\n)*.*\b{name}\b.*\n",
            rf"\g<0>    PENDING.append(COMM.Iallreduce(MPI.IN_PLACE, {name}))\n",
            body,
            count=1,
        )
    wait = "            MPI.Request.Waitall(PENDING)\n            PENDING.clear()\n"
    assert tail.count("            all_reduce(gradient)\n") == 1
    tail = tail.replace("            all_reduce(gradient)\n", wait)
    start = "# ---- backward ----\n"
    text = f"{head}    {start}{body}    return float(loss_share)\n{tail}"
    return text.replace("RANK, RANKS = ", "PENDING = []\nRANK, RANKS = ", 1)


def run(command: list[str], threads: int | None = 1) -> dict[str, Any]:
    """Run a program and return the object on its last line."""
    given = {} if threads is None else {"OPENBLAS_NUM_THREADS": str(threads)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | given
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def scripts(name: str, folder: Path) -> dict[str, Path]:
    """Write the plain script, the one for ranks, and the trial."""
    layers, batch = NETWORKS[name]
    network = folder / "network.net"
    network.write_text(f"{layers}\n{HEAD}", encoding="utf-8")
    paths = {kind: folder / f"{kind}.py" for kind in ("plain", "ranks", "trial")}
    command = [sys.executable, "-m", "gradtutor", "gen", str(network), "--quiet"]
    command += ["--data", "mnist", "--batch-size", str(batch), "-o"]
    subprocess.run([*command, str(paths["plain"])], check=True)
    subprocess.run([*command, str(paths["ranks"]), "--parallel", "mpi"], check=True)
    text = paths["ranks"].read_text(encoding="utf-8")
    paths["trial"].write_text(overlapped(text), encoding="utf-8")
    return paths


def contenders(paths: dict[str, Path], ranks: int, epochs: int) -> dict[str, list[str]]:
    """Return each contender's command line."""
    python = {
        kind: [sys.executable, str(path), "--json", "--epochs", str(epochs)]
        for kind, path in paths.items()
    }
    return {
        "one process, all cores": python["plain"],
        "one process, one core": python["plain"],
        f"{ranks} ranks": [*mpiexec_command(ranks), *python["ranks"]],
        f"{ranks} ranks, overlapped": [*mpiexec_command(ranks), *python["trial"]],
    }


def measured(
    paths: dict[str, Path], ranks: int, rounds: int, epochs: int
) -> dict[str, float]:
    """Return the milliseconds of a step of each contender, of the best round."""
    commands = contenders(paths, ranks, epochs)
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(rounds):
        for name, command in commands.items():
            threads = None if name.endswith("all cores") else 1
            best[name] = min(best[name], run(command, threads)["step_ms"])
    return best


#: What one rank's optimiser takes, and how many bytes the gradient has.
OPTIMISER = """
import json, runpy, sys, time
script = runpy.run_path(sys.argv[1])
theta = script["initial_parameters"](script["np"].random.default_rng(0))
gradient, optimiser = 0.01 * theta, script["Adam"](theta, 1e-3)
times = []
for _ in range(50):
    began = time.perf_counter()
    optimiser.step(theta, gradient)
    times.append(time.perf_counter() - began)
print(json.dumps({"seconds": sorted(times)[25], "bytes": gradient.nbytes}))
"""
#: All-reduce of small and large vectors between two ranks, median of 50.
MESSAGES = """
import json, time
from mpi4py import MPI
import numpy as np
comm, found = MPI.COMM_WORLD, []
for size in [2**i for i in range(8, 24)]:
    x, times = np.ones(size // 4, np.float32), []
    for _ in range(50):
        comm.Barrier()
        began = time.perf_counter()
        comm.Allreduce(MPI.IN_PLACE, x)
        x *= 0.5
        times.append(time.perf_counter() - began)
    found.append([size, sorted(times)[25]])
if comm.rank == 0:
    print(json.dumps({"points": found}))
"""


def fabric_here() -> tuple[float, float]:
    """Return latency in seconds and bandwidth in bytes a second between two ranks.

    With two ranks a ring takes 2 latency + size / bandwidth: the smallest message
    gives the one, the largest the other.
    """
    command = [*mpiexec_command(2), sys.executable, "-c", MESSAGES]
    points = run(command)["points"]
    latency = points[0][1] / 2
    size, seconds = points[-1]
    return latency, size / (seconds - 2 * latency)


# ---- showing ----


def table(name: str, best: dict[str, float], step: Step) -> str:
    """Return the lines of one network."""
    alone = best["one process, one core"]
    head = f"{name}, batch {NETWORKS[name][1]}, {step.bytes / 4:,.0f} parameters"
    lines = [f"{head:<52}{'ms a step':>10}{'speed-up':>10}"]
    for contender, value in best.items():
        lines.append(f"  {contender:<50}{value:>10.2f}{alone / value:>9.2f}x")
    lines.append(f"  {'of it Adam, on every rank':<50}{1000 * step.optimiser:>10.2f}")
    return "\n".join(lines)


def plot(steps: dict[str, Step], here: tuple[float, float], path: Path) -> None:
    """Draw the model's speed-up for many ranks, one panel for each fabric."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.8), layout="constrained")
    panels = figure.subplots(1, len(FABRICS), sharey=True)
    counts = [2**i for i in range(9)]
    looks = ("o-", "s--", "^-.", "d:")
    for axes, (fabric, given) in zip(panels, FABRICS.items(), strict=True):
        axes.plot(counts, counts, color="#6e7781", lw=1, label="ideal")
        for look, (name, step) in zip(looks, steps.items(), strict=True):
            some = [p for p in counts if p <= NETWORKS[name][1]]  # an example each
            values = [speed_up(step, p, *(given or here)) for p in some]
            axes.plot(some, values, look, ms=5, label=f"{name}, batch {some[-1]}")
        axes.set_title(fabric, fontsize=12)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        axes.set_xticks(counts, [str(count) for count in counts])
        axes.set_yticks(counts[:8], [str(count) for count in counts[:8]])
        axes.set_ylim(0.12, 128)
        axes.set_xlabel("ranks, of one core each")
        axes.grid(visible=True, alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("speed-up over one core (model)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure every network, print the tables, draw the model."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    here = fabric_here()
    print(f"between two ranks: {1e6 * here[0]:.1f} µs, {here[1] / 1e9:.2f} GB/s\n")
    steps = {}
    for name in NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            paths = scripts(name, Path(folder))
            best = measured(paths, options.ranks, options.rounds, options.epochs)
            adam = run([sys.executable, "-c", OPTIMISER, str(paths["plain"])])
        alone = best["one process, one core"] / 1000
        steps[name] = Step(alone, adam["seconds"], adam["bytes"])
        print(table(name, best, steps[name]), flush=True)
        ours = speed_up(steps[name], options.ranks, *here)
        print(f"  {'model of ' + str(options.ranks) + ' ranks':<60}{ours:>9.2f}x\n")
    if options.plot:
        plot(steps, here, options.plot)


if __name__ == "__main__":
    main()
