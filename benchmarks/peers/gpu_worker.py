"""What every contender of gpu_step.py shares: its options, its data and its answers.

A contender imports its library and waits. The line "setup" on standard input makes it
build its step and warm up, "round 0.5" makes it measure for half a second; each answer
is a JSON object on a line of standard output.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np
from drawing import random_examples
from gpu_table import PRECISIONS
from networks import NETWORKS, Network, resized

WARM_UP = 3  # samples


@dataclass(frozen=True)
class Contender:
    """A training step that is ready to be measured.

    Attributes
    ----------
    sample : callable
        Runs an epoch and returns its µs a step.
    facts : callable
        Returns what else is known of the step, after the warm-up.
    """

    sample: Callable[[], float]
    facts: Callable[[], dict[str, Any]]


def parser(document: str | None) -> argparse.ArgumentParser:
    """Return the options of all contenders."""
    found = argparse.ArgumentParser(description=(document or "").split("\n")[0])
    found.add_argument("name", choices=NETWORKS)
    found.add_argument("--batch", type=int, help="instead of the network's own")
    found.add_argument("--steps", type=int, default=128, help="in a sample, an epoch")
    found.add_argument("--precision", choices=PRECISIONS, default="float32")
    found.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    return found


def network_of(options: argparse.Namespace) -> Network:
    """Return the network that the options ask for."""
    return resized(NETWORKS[options.name], options.batch)


def data_set(network: Network, steps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return inputs and targets of an epoch of so many steps, and its order (steps, N).

    The data lie on the device, and every contender gathers a batch in its step.
    """
    rng = np.random.default_rng(1)
    X, y = random_examples(network, steps * network.batch, rng)
    return X, y, rng.permutation(len(X)).reshape(steps, network.batch)


# ---- answering ----


def serve(prepare: Callable[[], Contender], versions: dict[str, str]) -> None:
    """Answer the lines of standard input until it ends."""
    contender = None
    with own_output() as answers:
        tell(answers, versions)
        for line in sys.stdin:
            command, *numbers = line.split()
            if command == "setup":
                contender = prepare()
                for _ in range(WARM_UP):
                    contender.sample()
                tell(answers, contender.facts())
            elif contender is not None:
                tell(answers, {"samples": measured(contender, float(numbers[0]))})


def own_output() -> TextIO:
    """Keep standard output for answers: what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def tell(answers: TextIO, answer: dict[str, Any]) -> None:
    """Print one answer."""
    print(json.dumps(answer), file=answers, flush=True)


def measured(contender: Contender, seconds: float) -> list[float]:
    """Return the samples of a round, µs a step."""
    samples = []
    end = time.perf_counter() + seconds
    while not samples or time.perf_counter() < end:
        samples.append(contender.sample())
    return samples
