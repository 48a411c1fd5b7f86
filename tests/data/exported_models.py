"""PyTorch's answers, losses and gradients for the networks that exports are tried on.

``python tests/data/exported_models.py`` (with torch, and gradtutor) writes
``exported_models.json``. The networks are written here a second time, in PyTorch's own
words; the weights come to them by ``load_state_dict(..., strict=True)``, in float64.
For each parameter there are the sum of its gradient, of its absolute values, and of it
times cos(0), cos(1), ...
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from trained_models import model  # noqa: E402

from gradtutor.train.weights import as_pytorch  # noqa: E402


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Recurrent(nn.Sequential):
    """Layers of which the last recurrent one hands on its last step alone."""

    def forward(self, x):
        *loops, last = self
        for loop in loops:
            x, _ = loop(x)
        return last(x[:, -1])


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = {"wte": (27, 16), "wpe": (16, 16), "W1": (16, 64), "W2": (64, 16)}
        sizes |= dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (16, 16))
        for name, size in (sizes | {"head": (16, 27)}).items():
            self.register_parameter(name, nn.Parameter(torch.zeros(size)))

    def forward(self, ids):
        count, steps = ids.shape

        def norm(x):
            return x / torch.sqrt((x**2).mean(-1, keepdim=True) + 1e-5)

        def heads(x):
            return x.reshape(count, steps, 4, 4).transpose(1, 2)

        x = norm(self.wte[ids.long()] + self.wpe)
        a = norm(x)
        told = functional.scaled_dot_product_attention(
            heads(a @ self.Wq), heads(a @ self.Wk), heads(a @ self.Wv), is_causal=True
        )
        x = x + told.transpose(1, 2).reshape(count, steps, 16) @ self.Wo
        x = x + torch.relu(norm(x) @ self.W1) @ self.W2
        return x @ self.head


class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(torch.zeros(3, 7))
        self.b = nn.Parameter(torch.zeros(7))
        self.V = nn.Parameter(torch.zeros(7, 3))

    def forward(self, x):
        return torch.tanh(x @ self.W + self.b) @ self.V


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.E = nn.Parameter(torch.zeros(5, 6))
        self.K = nn.Parameter(torch.zeros(6, 6))

    def forward(self, ids):
        h = self.E[ids.long()]
        h = h + torch.cumsum(h, 1) / 4
        scores = h @ self.K @ h.transpose(1, 2) / math.sqrt(6)
        seen = torch.tril(torch.ones(4, 4)) > 0
        a = torch.softmax(scores.masked_fill(~seen, -math.inf), -1)
        return (a @ h) @ self.E.T


NETWORKS = {
    "lenet": lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1),
        nn.Tanh(), nn.MaxPool2d(2, padding=1), nn.Flatten(), nn.Linear(54, 5)),
    "residual": lambda: nn.Sequential(
        nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        Residual(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()), nn.AvgPool2d(2, padding=1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)),
    "strided": lambda: nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=2, padding=1), nn.SiLU(),
        nn.MaxPool2d(3, stride=1, padding=1),
        nn.Conv2d(4, 4, 3, dilation=2, padding=2, groups=2), nn.Softplus(),
        nn.Flatten(), nn.Linear(80, 3)),
    "signal": lambda: nn.Sequential(
        nn.Conv1d(1, 4, 5, padding="same"), nn.Tanh(), nn.MaxPool1d(2),
        nn.Conv1d(4, 3, 3), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(3, 1)),
    "autoencoder": lambda: nn.Sequential(
        nn.Linear(16, 5), nn.Tanh(), nn.Linear(5, 16), nn.Sigmoid()),
    "layer-norm": lambda: nn.Sequential(
        nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU(),
        Residual(nn.Linear(6, 6), nn.Tanh()), nn.LeakyReLU(0.1), nn.Linear(6, 3),
        nn.Softmax(-1)),
    "lstm": lambda: Recurrent(nn.LSTM(4, 6, batch_first=True), nn.Linear(6, 3)),
    "rnn": lambda: Recurrent(
        nn.RNN(3, 5, batch_first=True), nn.RNN(5, 4, batch_first=True),
        nn.Linear(4, 2)),
    "gpt": GPT,
    "two-layers": TwoLayers,
    "attention": Attention,
}  # fmt: skip
NUMBERS = ("signal", "autoencoder", "layer-norm")  # answers that are no classes


def record(name):
    """Return what PyTorch says of a network."""
    one, network = model(name), NETWORKS[name]().double()
    state = as_pytorch(one.answering, one.weights)
    network.load_state_dict(
        {k: torch.from_numpy(np.array(v)) for k, v in state.items()}, strict=True
    )
    X, y = (torch.from_numpy(one.rows(key)).double() for key in "Xy")
    answers = network.eval()(X)
    made = network.train()(X)
    if name in NUMBERS:
        loss = functional.mse_loss(made, y)
    else:
        loss = functional.cross_entropy(
            made.reshape(-1, made.shape[-1]), y.reshape(-1).long()
        )
    loss.backward()
    return {
        "answers": answers.detach().numpy().round(9).tolist(),
        "loss": loss.item(),
        "gradients": {
            key: sums(array.grad.numpy())
            for key, array in network.named_parameters()
            if "bias_hh" not in key  # that of bias_ih again
        },
    }


def sums(array):
    """Return three numbers of an array, which its test can make too."""
    waves = np.cos(np.arange(array.size))
    return [
        float(array.sum()),
        float(np.abs(array).sum()),
        float(array.ravel() @ waves),
    ]


def main():
    found = {name: record(name) for name in NETWORKS}
    path = HERE / "exported_models.json"
    path.write_text(json.dumps(found, indent=None) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(found)} networks, torch {torch.__version__}")


if __name__ == "__main__":
    main()
