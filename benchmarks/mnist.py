"""Train on MNIST: the generated NumPy script beside PyTorch, five seeds.

    pip install -e ".[bench]" && python benchmarks/mnist.py mlp
    pip install -e ".[bench]" && python benchmarks/mnist.py lenet

Both get the same 4,000 training and 1,000 test images, each in a process of its own:
784-128-10 with Adam 1e-3, batches of 32, 10 epochs; LeNet 8@5x5-16@5x5-10 with
Adam 2e-3, batches of 64, 20 epochs. Prints accuracy, time of a step, and the ratios.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MLP = """Sequential([Input(784), Linear(128), ReLU(), Linear(10)])
loss = CrossEntropyLoss()
optimizer = Adam(lr=1e-3)
"""
LENET = """Sequential([
    Input(1, 28, 28), Conv2d(8, 5), ReLU(), MaxPool2d(2), Conv2d(16, 5), ReLU(),
    MaxPool2d(2), Flatten(), Linear(10)])
loss = CrossEntropyLoss()
optimizer = Adam(lr=2e-3)
"""
#: The network in both languages, epochs and batch size.
NETWORKS = {
    "mlp": (MLP, "nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)", 10, 32, 1e-3),
    "lenet": (
        LENET,
        "nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2),"
        "nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),"
        "nn.Linear(256, 10)",
        *(20, 64, 2e-3),
    ),
}

PYTORCH = """
import json, sys, time
import torch
from torch import nn
from gradtutor.train.datasets.loaders import load_mnist, split

seed, epochs, size, rate = (float(a) for a in sys.argv[1:])
epochs, size = int(epochs), int(size)
torch.manual_seed(int(seed))
X, y, X_test, y_test = map(torch.from_numpy, split(*load_mnist(), 0.2, 0))
model = nn.Sequential(LAYERS)
loss_of = nn.CrossEntropyLoss()
optimiser = torch.optim.Adam(model.parameters(), lr=rate)
began = time.perf_counter()
step_seconds = 0.0
for epoch in range(epochs):
    epoch_began = time.perf_counter()
    order = torch.randperm(len(X))
    for start in range(0, len(X), size):
        batch = order[start : start + size]
        optimiser.zero_grad()
        loss_of(model(X[batch]), y[batch]).backward()
        optimiser.step()
    step_seconds += time.perf_counter() - epoch_began
    with torch.no_grad():
        accuracy = (model(X_test).argmax(1) == y_test).double().mean().item()
print(json.dumps({
    "test_accuracy": accuracy,
    "seconds": time.perf_counter() - began,
    "step_ms": 1000 * step_seconds / (epochs * -(-len(X) // size)),
}))
"""


def run(command: list[str]) -> dict[str, float]:
    """Run a contender and return the object on its last line."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Run both contenders in turn, seed by seed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    seeds = range(options.seeds)
    text, layers, epochs, size, rate = NETWORKS[options.network]
    pytorch = PYTORCH.replace("LAYERS", layers)
    lengths = ["--epochs", str(epochs), "--batch-size", str(size)]
    rows: dict[str, list[dict[str, float]]] = {"gradtutor": [], "PyTorch": []}
    with tempfile.TemporaryDirectory() as folder:
        network, script = Path(folder, "digits.net"), Path(folder, "digits.py")
        network.write_text(text, encoding="utf-8")
        gen = [
            sys.executable,
            "-m",
            "gradtutor",
            "gen",
            str(network),
            "--data",
            "mnist",
        ]
        subprocess.run([*gen, *lengths, "-o", str(script), "--quiet"], check=True)
        for seed in seeds:
            ours = [sys.executable, str(script), "--json", "--seed", str(seed)]
            rows["gradtutor"].append(run(ours))
            theirs = [sys.executable, "-c", pytorch, str(seed)]
            rows["PyTorch"].append(run([*theirs, str(epochs), str(size), str(rate)]))
    keys = ("test_accuracy", "seconds", "step_ms")
    print(f"{'':<10}{'accuracy':>10}{'(by seed)':>44}{'seconds':>9}{'ms/step':>9}")
    means = {}
    for name, results in rows.items():
        accuracies = " ".join(f"{row['test_accuracy']:.4f}" for row in results)
        mean = {key: statistics.mean(row[key] for row in results) for key in keys}
        means[name] = mean
        print(
            f"{name:<10}{mean['test_accuracy']:>10.4f}{accuracies:>44}"
            f"{mean['seconds']:>9.2f}{mean['step_ms']:>9.3f}"
        )
    ours, peer = means["gradtutor"], means["PyTorch"]
    difference = 100 * (ours["test_accuracy"] - peer["test_accuracy"])
    print(f"accuracy: {difference:+.2f} points against PyTorch")
    print(f"a step:   {peer['step_ms'] / ours['step_ms']:.2f} times PyTorch's speed")


if __name__ == "__main__":
    main()
