"""Train 784-128-10 on MNIST: the generated NumPy script beside PyTorch, five seeds.

    pip install -e ".[bench]" && python benchmarks/mnist_mlp.py

Both get the same 4,000 training and 1,000 test images, Adam 1e-3, batches of 32 and 10
epochs, each in a process of its own. Prints accuracy, time of a step, and the ratios.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

NETWORK = """Sequential([Input(784), Linear(128), ReLU(), Linear(10)])
loss = CrossEntropyLoss()
"""

PYTORCH = """
import json, sys, time
import torch
from gradtutor.train.loaders import load_mnist, split

torch.manual_seed(int(sys.argv[1]))
X, y, X_test, y_test = map(torch.from_numpy, split(*load_mnist(), 0.2, 0))
model = torch.nn.Sequential(
    torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)
)
loss_of = torch.nn.CrossEntropyLoss()
optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
began = time.perf_counter()
step_seconds = 0.0
for epoch in range(10):
    epoch_began = time.perf_counter()
    order = torch.randperm(len(X))
    for start in range(0, len(X), 32):
        batch = order[start : start + 32]
        optimiser.zero_grad()
        loss_of(model(X[batch]), y[batch]).backward()
        optimiser.step()
    step_seconds += time.perf_counter() - epoch_began
    with torch.no_grad():
        accuracy = (model(X_test).argmax(1) == y_test).double().mean().item()
print(json.dumps({
    "test_accuracy": accuracy,
    "seconds": time.perf_counter() - began,
    "step_ms": 1000 * step_seconds / (10 * 125),
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
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    rows: dict[str, list[dict[str, float]]] = {"gradtutor": [], "PyTorch": []}
    with tempfile.TemporaryDirectory() as folder:
        network, script = Path(folder, "mlp.net"), Path(folder, "mlp.py")
        network.write_text(NETWORK, encoding="utf-8")
        gen = [
            sys.executable,
            "-m",
            "gradtutor",
            "gen",
            str(network),
            "--data",
            "mnist",
        ]
        subprocess.run([*gen, "-o", str(script), "--quiet"], check=True)
        for seed in seeds:
            ours = [sys.executable, str(script), "--json", "--seed", str(seed)]
            rows["gradtutor"].append(run(ours))
            rows["PyTorch"].append(run([sys.executable, "-c", PYTORCH, str(seed)]))
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
