"""PyTorch's losses and gradients for losses that count some examples more.

``python tests/data/weighted_losses.py`` (with torch) writes ``weighted_losses.json``.
Keras's class_weight is a weight of the example, and its mean is over their number
(``class_weight_to_sample_weights``; a class without a weight counts 1): here PyTorch's
``reduction="none"``, weighted by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

BATCH, WIDTH, CLASSES = 5, 4, 3
HEAD = "from torch import nn\nimport torch\nm = nn.Sequential(nn.Linear(4, 3))\n"
KERAS = (
    "from tensorflow.keras import Sequential, layers, losses\n"
    "m = Sequential([layers.Input((4,)), layers.Dense({units}, activation='{last}')])\n"
    "m.compile('sgd', {loss})\nm.fit(x, y, class_weight={weights})\n"
)
SPARSE = "'sparse_categorical_crossentropy'"
SMOOTH = "losses.CategoricalCrossentropy(label_smoothing=0.1)"
WEIGHTED = "loss = nn.CrossEntropyLoss(weight=torch.tensor([0.5, 1.0, 3.0]){more})\n"
PAIR = """import torch
from torch import nn
class Twin(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(4, 3)
    def forward(self, a, b):
        return self.f(a), self.f(b)
net = Twin()
loss_fn = nn.CosineEmbeddingLoss({margin})
u, v = net(torch.randn(5, 4), torch.randn(5, 4))
loss = loss_fn(u, v, torch.ones(5))
loss.backward()
"""


def keras(units: int, last: str, loss: str, weights: str) -> str:
    """Return a program of Keras with class weights."""
    return KERAS.format(units=units, last=last, loss=loss, weights=weights)


#: Each program: its text; weights of the classes, smoothing, and how they count.
CASES: dict[str, tuple[str, list[float], float, str]] = {
    "torch": (HEAD + WEIGHTED.format(more=""), [0.5, 1.0, 3.0], 0.0, "torch"),
    "torch-smoothed": (HEAD + WEIGHTED.format(more=", label_smoothing=0.1"),
                       [0.5, 1.0, 3.0], 0.1, "torch"),
    "keras": (keras(3, "softmax", SPARSE, "{0: 0.5, 1: 1.0, 2: 3.0}"),
              [0.5, 1.0, 3.0], 0.0, "keras"),
    "keras-some": (keras(3, "softmax", SPARSE, "{1: 2.5}"), [1.0, 2.5, 1.0], 0.0,
                   "keras"),
    "keras-smoothed": (keras(3, "softmax", SMOOTH, "{0: 0.5, 1: 1.0, 2: 3.0}"),
                       [0.5, 1.0, 3.0], 0.1, "keras"),
    "keras-bits": (keras(1, "sigmoid", "'binary_crossentropy'", "{0: 0.5, 1: 4.0}"),
                   [0.5, 4.0], 0.0, "bits"),
    "cosine": (PAIR.format(margin=""), [0.0], 0.0, "pair"),
    "cosine-margin": (PAIR.format(margin="margin=0.2"), [0.2], 0.0, "pair"),
}  # fmt: skip


def numbers(*shape: int, start: float = 0.0) -> np.ndarray:
    """Return numbers of a formula."""
    return np.sin(0.7 * np.arange(np.prod(shape)) + start).reshape(shape)


def labels(kind: str) -> np.ndarray:
    """Return what is to be told: classes, bits, or 1 and -1 of pairs."""
    marks = {"bits": [0, 1, 1, 0, 1], "pair": [1, -1, -1, 1, -1]}
    return np.array(marks.get(kind, [0, 2, 1, 2, 0]))


def _told(name: str) -> dict[str, object]:
    import torch
    from torch.nn import functional

    _, weights, smoothing, kind = CASES[name]
    units = 1 if kind == "bits" else CLASSES
    x, w, b = (torch.tensor(one) for one in given(units))
    w.requires_grad_()
    b.requires_grad_()
    y, count = torch.tensor(labels(kind)), torch.tensor(weights, dtype=torch.float64)
    z = x @ w + b
    if kind == "pair":
        other = torch.tensor(numbers(BATCH, WIDTH, start=2.0)) @ w + b
        loss = functional.cosine_embedding_loss(z, other, y, margin=weights[0])
    elif kind == "bits":
        bits = y[:, None].double()
        each = functional.binary_cross_entropy_with_logits(z, bits, reduction="none")
        loss = (count[y][:, None] * each).mean()
    elif kind == "torch":
        more = {"weight": count, "label_smoothing": smoothing}
        loss = functional.cross_entropy(z, y, **more)
    else:
        more = {"reduction": "none", "label_smoothing": smoothing}
        loss = (count[y] * functional.cross_entropy(z, y, **more)).mean()
    loss.backward()
    return {"loss": loss.item(), "W": w.grad.tolist(), "b": b.grad.tolist()}


def given(units: int) -> tuple[np.ndarray, ...]:
    """Return a batch, weights and biases."""
    return numbers(BATCH, WIDTH), numbers(WIDTH, units, start=1.0), numbers(units)


if __name__ == "__main__":
    told = {name: _told(name) for name in CASES}
    path = Path(__file__).with_suffix(".json")
    rows = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in told.items()]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")
