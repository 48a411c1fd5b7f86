"""Do exported weights load in PyTorch, and answer alike? Needs the extra ``bench``.

For each network: train it, export it by PyTorch's names, load it with ``strict=True``
into the same network of PyTorch's, compare the answers to new examples, then start a
training here from weights that PyTorch has drawn.

    python benchmarks/weights_in_pytorch.py
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file
from torch import nn

from gradtutor.cli import main as gradtutor

HEAD = "import torch\nimport torch.nn as nn\n"
MODULE = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 16)
        self.body = nn.Sequential(nn.Linear(16, 16), nn.BatchNorm1d(16), nn.ReLU())
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        h = torch.relu(self.first(x))
        return self.head(h + self.body(h))


model = Net()
"""
RECURRENT = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.KIND(8, 12, batch_first=True)
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -1])


model = Net()
"""
#: Name: the text of both programs, and the sizes of an example.
NETWORKS = {
    "mlp": ("model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))\n",
            (64,)),
    "lenet": ("model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(),"
              " nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 10))\n", (1, 8, 8)),
    "layer-norm": ("model = nn.Sequential(nn.Linear(64, 12), nn.LayerNorm(12),"
                   " nn.GELU(), nn.Linear(12, 10, bias=False))\n", (64,)),
    "module": (MODULE, (64,)),
    "gru": (RECURRENT.replace("KIND", "GRU"), (8, 8)),
}  # fmt: skip


def run(*arguments: object) -> str:
    """Run a command of gradtutor; return its output."""
    done = CliRunner().invoke(gradtutor, [str(one) for one in arguments])
    if done.exit_code:
        sys.exit(f"{arguments}: {done.stderr}")
    return done.stdout


def answers() -> np.ndarray:
    """Return gradtutor's probabilities for the new examples."""
    rows = json.loads(run("--json", "predict", "run", "new.npy"))["answers"]
    return np.array([[row[f"p({k})"] for k in range(10)] for row in rows])


def theirs(model: nn.Module, new: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Return PyTorch's probabilities."""
    model.eval()
    with torch.no_grad():
        logits = model(torch.tensor(new.reshape(-1, *sizes)))
    return torch.softmax(logits, dim=1).numpy()


def compare(name: str) -> tuple[float, float]:
    """Return the largest difference after a training here, and of PyTorch's weights."""
    text, sizes = NETWORKS[name]
    Path("net.py").write_text(f"{HEAD}{text}loss = nn.CrossEntropyLoss()\n")
    scope: dict[str, object] = {"torch": torch, "nn": nn}
    exec(text, scope)  # this file's own text
    model = scope["model"]
    assert isinstance(model, nn.Module)
    new = np.random.default_rng(0).random((50, 64)).astype(np.float32)
    np.save("new.npy", new)
    train = ["train", "net.py", "--data", "digits", "--no-pictures", "--out", "run"]
    save_file(model.state_dict(), "drawn.safetensors")
    run(*train, "--epochs", 1, "--learning-rate", 1e-12, "--batch-size", 2000,
        "--from", "drawn.safetensors")  # fmt: skip
    buffers = [one for one in model.buffers() if one.is_floating_point()]
    start = 0.0 if buffers else np.abs(answers() - theirs(model, new, sizes)).max()
    run(*train, "--epochs", 3)
    run("export", "run", "weights.safetensors")
    model.load_state_dict(load_file("weights.safetensors"), strict=True)
    return np.abs(answers() - theirs(model, new, sizes)).max(), start


def main() -> None:
    """Compare each network, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in NETWORKS:
            after, start = compare(name)
            print(f"{name:>12}  exported {after:.1e}  started from {start:.1e}")
            if max(after, start) > 1e-5:
                sys.exit(f"{name}: the answers differ")
        os.chdir("/")


if __name__ == "__main__":
    main()
