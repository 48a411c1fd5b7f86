"""The four networks of docs/networks.md beside PyTorch: what each finds on test data.

The same network, data, batches and optimiser; PyTorch's own first weights (bounds of
the same kind) and order of examples, so the figures agree as two seeds do. Needs the
extra ``bench``.

    python benchmarks/more_networks.py [NAME ...]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

EXAMPLES = Path(__file__).parent.parent / "examples"
SEED, BATCH = 0, 32
Arrays = dict[str, torch.Tensor]


class Recurrent(nn.Module):
    """The last state of a recurrent layer, and a linear layer on it."""

    def __init__(self, kind: type[nn.Module]) -> None:
        super().__init__()
        self.states = kind(8, 32, batch_first=True)
        self.head = nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return scores (N, 10) of rows (N, 64)."""
        states, _ = self.states(x.reshape(-1, 8, 8))
        return self.head(states[:, -1])


class UNet(nn.Module):
    """examples/unet.py in PyTorch."""

    def __init__(self) -> None:
        super().__init__()
        sizes = [(1, 16), (16, 32), (32, 32), (64, 16), (32, 1)]
        self.layers = nn.ModuleList(
            nn.Conv1d(before, after, 9, padding=4) for before, after in sizes
        )
        self.up = nn.Upsample(scale_factor=2)
        self.down = nn.MaxPool1d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return clean signals (N, 512) of noisy ones."""
        first, second, third, fourth, last = self.layers
        a = torch.relu(first(x.unsqueeze(1)))
        b = torch.relu(second(self.down(a)))
        c = torch.relu(third(self.down(b)))
        d = torch.relu(fourth(torch.cat([self.up(c), b], 1)))
        return last(torch.cat([self.up(d), a], 1)).flatten(1)


def autoencoder() -> nn.Module:
    """Return examples/autoencoder.net."""
    return nn.Sequential(
        *(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 16), nn.Linear(16, 128)),
        *(nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid()),
    )


# ---- what is measured ----


def accuracy(answers: torch.Tensor, targets: torch.Tensor) -> float:
    """Return the share of right classes."""
    return float((answers.argmax(1) == targets).double().mean())


def error(answers: torch.Tensor, targets: torch.Tensor) -> float:
    """Return the root of the mean square error."""
    return float(((answers - targets) ** 2).mean().sqrt())


def snr(answers: torch.Tensor, targets: torch.Tensor) -> float:
    """Return the mean of 10 log10 (signal over error, in power), in decibel."""
    power, rest = (targets**2).sum(1), ((answers - targets) ** 2).sum(1)
    return float((10 * torch.log10(power / rest)).mean())


@dataclass(frozen=True)
class Case:
    """A network here and in PyTorch."""

    file: str
    data: str
    epochs: int
    rate: float
    made: Callable[[], nn.Module]
    measure: Callable[[torch.Tensor, torch.Tensor], float]
    key: str  # of the figure in `gradtutor train --json`


CASES = {
    "autoencoder": Case("autoencoder.net", "mnist", 10, 0.002, autoencoder, error,
                        "rmse"),
    "unet": Case("unet.py", "eeg", 4, 0.001, UNet, snr, "snr_after_db"),
    "lstm": Case("sequence.net", "digits", 20, 0.01, lambda: Recurrent(nn.LSTM),
                 accuracy, "test_accuracy"),
    "gru": Case("gru.py", "digits", 20, 0.01, lambda: Recurrent(nn.GRU), accuracy,
                "test_accuracy"),
}  # fmt: skip


def ours(case: Case, folder: Path) -> dict[str, Any]:
    """Train by the command line; return its summary."""
    words = ["train", str(EXAMPLES / case.file), "--data", case.data, "--json"]
    words += ["--epochs", str(case.epochs), "--learning-rate", str(case.rate)]
    words += ["--seed", str(SEED), "--out", str(folder / "run")]
    command = [sys.executable, "-m", "gradtutor", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def data_of(case: Case, folder: Path) -> Arrays:
    """Fetch the same data set, split the same way."""
    command = [sys.executable, "-m", "gradtutor", "data", "fetch", case.data]
    subprocess.run(command, check=True, cwd=folder, capture_output=True)
    with np.load(folder / f"{case.data}.npz") as file:
        arrays = {name: torch.from_numpy(file[name]) for name in file.files}
    return {
        name: value.float() if value.is_floating_point() else value.long()
        for name, value in arrays.items()
    }


def theirs(case: Case, arrays: Arrays) -> float:
    """Train the same network in PyTorch; return what it finds on the test set."""
    torch.manual_seed(SEED)
    model = case.made()
    labels = case.measure is accuracy
    X, X_test = arrays["X_train"], arrays["X_test"]
    y, y_test = arrays["y_train"], arrays["y_test"]
    if case.made is autoencoder:
        y, y_test = X, X_test
    criterion = nn.CrossEntropyLoss() if labels else nn.MSELoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=case.rate)
    for _ in range(case.epochs):
        for rows in torch.randperm(len(X)).split(BATCH):
            optimiser.zero_grad()
            criterion(model(X[rows]), y[rows]).backward()
            optimiser.step()
    with torch.no_grad():
        return case.measure(model(X_test), y_test)


def main() -> None:
    """Print a line for each network."""
    torch.set_num_threads(1)
    for name in sys.argv[1:] or CASES:
        case = CASES[name]
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            summary = ours(case, folder)
            began = time.perf_counter()
            found = theirs(case, data_of(case, folder))
            seconds = time.perf_counter() - began
        mine = summary.get(case.key)
        print(f"{name}: here {mine}, PyTorch {found:.4f} in {seconds:.1f} s")


if __name__ == "__main__":
    main()
