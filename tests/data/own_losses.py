"""PyTorch's losses and gradients for losses that a program writes itself.

``python tests/data/own_losses.py`` (with torch) writes ``own_losses.json``: for each
loss its value and the gradient of each parameter, on weights made by a formula.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

PROGRAM = """import torch
import torch.nn as nn
import torch.nn.functional as F
{more}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.h = nn.Linear(4, 6)
        self.a, self.b = nn.Linear(6, 3), nn.Linear(6, 1)
    def forward(self, x):
        h = torch.tanh(self.h(x))
        {returns}
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(3):
    for x, y, t in loader:
        {outputs} = net(x)
        loss = {loss}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""
FOCAL = """class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=0.25):
        super().__init__()
        self.gamma, self.alpha = gamma, alpha
    def forward(self, inputs, targets):
        bce = F.binary_cross_entropy_with_logits(inputs, targets, reduction='none')
        pt = torch.exp(-bce)
        return (self.alpha * (1 - pt) ** self.gamma * bce).mean()
"""
DICE = """def dice_loss(pred, target, smooth=1.0):
    pred = torch.sigmoid(pred).view(-1)
    target = target.view(-1)
    inside = (pred * target).sum()
    return 1 - (2 * inside + smooth) / (pred.sum() + target.sum() + smooth)
"""
CLASSES = """class Focal(nn.Module):
    def __init__(self, gamma=2):
        super().__init__()
        self.gamma = gamma
    def forward(self, logits, labels):
        ce = F.cross_entropy(logits, labels, reduction='none')
        return ((1 - torch.exp(-ce)) ** self.gamma * ce).mean()
criterion = Focal()
"""
QUANTILE = """def pinball(pred, target, tau=0.3):
    away = target - pred
    return torch.max(tau * away, (tau - 1) * away).mean()
"""
CHARBONNIER = """def charbonnier(pred, target, eps=1e-3):
    return torch.mean(torch.sqrt((pred - target) ** 2 + eps ** 2))
"""
COSH = """class LogCosh(nn.Module):
    def forward(self, y_pred, y_true):
        away = y_true - y_pred
        return torch.mean(torch.log(torch.cosh(away + 1e-12)))
criterion = LogCosh()
"""
PAIRED = """class Contrastive(nn.Module):
    def __init__(self, margin=2.0):
        super().__init__()
        self.margin = margin
    def forward(self, one, two, label):
        far = F.pairwise_distance(one, two, keepdim=True)
        near = torch.clamp(self.margin - far, min=0.0)
        return torch.mean((1 - label) * far ** 2 + label * near ** 2)
criterion = Contrastive()
"""
BOTH, LEFT, RIGHT = (
    "return self.a(h), self.b(h)",
    "return self.a(h)",
    "return self.b(h)",
)
#: Each: what stands before the class, what forward returns, the outputs, the loss.
CASES: dict[str, tuple[str, str, str, str]] = {
    "two-heads": ("ce, mse = nn.CrossEntropyLoss(), nn.MSELoss()", BOTH, "p, q",
                  "ce(p, y) + 0.5 * mse(q, t)"),
    "functions": ("", BOTH, "p, q", "F.cross_entropy(p, y) + F.l1_loss(q, t) * 0.3"),
    "sums": ("ce = nn.CrossEntropyLoss(reduction='sum')", BOTH, "p, q",
             "ce(p, y) / 5 + (q - t).pow(2).mean()"),
    "listed": ("", BOTH, "p, q",
               "sum([F.cross_entropy(p, y), 2 * F.smooth_l1_loss(q, t)])"),
    "root": ("criterion = nn.MSELoss()", RIGHT, "q", "torch.sqrt(criterion(q, t))"),
    "penalised": ("", BOTH, "p, q", "((q - t) ** 2).mean() + 0.01 * (p ** 2).sum()"),
    "focal": (FOCAL + "criterion = FocalLoss()", RIGHT, "q", "criterion(q, t)"),
    "focal-classes": (CLASSES, LEFT, "p", "criterion(p, y)"),
    "dice": (DICE, RIGHT, "q", "dice_loss(q, t)"),
    "dice-and-bce": (DICE + "bce = nn.BCEWithLogitsLoss()", RIGHT, "q",
                     "0.4 * dice_loss(q, t) + 0.6 * bce(q, t)"),
    "quantile": (QUANTILE, RIGHT, "q", "pinball(q, t)"),
    "charbonnier": (CHARBONNIER, RIGHT, "q", "charbonnier(q, t)"),
    "log-cosh": (COSH, RIGHT, "q", "criterion(q, t)"),
    "by-hand": ("", RIGHT, "q",
                "-(t * torch.log(torch.sigmoid(q)) + (1 - t) * "
                "torch.log(1 - torch.sigmoid(q))).mean()"),
    "contrastive": (PAIRED, "return self.a(h), self.a(torch.flip(h, [1]))", "u, v",
                    "criterion(u, v, t)"),
    "kl": ("", RIGHT, "q", "F.binary_cross_entropy_with_logits(q, t) - 0.5 * "
           "torch.mean(1 + q - q ** 2 - q.exp())"),
    "weighted-each": ("", RIGHT, "q",
                      "(2.0 * F.mse_loss(q, t, reduction='none')).mean()"),
}  # fmt: skip
SHAPES = {"h.weight": (6, 4), "h.bias": (6,), "a.weight": (3, 6), "a.bias": (3,),
          "b.weight": (1, 6), "b.bias": (1,)}  # fmt: skip
X = np.sin(1.3 * np.arange(20.0)).reshape(5, 4)
Y, T = np.array([0, 1, 2, 0, 1]), np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])


def text_of(name: str) -> str:
    """Return a program with a loss of its own."""
    more, returns, outputs, loss = CASES[name]
    return PROGRAM.format(more=more, returns=returns, outputs=outputs, loss=loss)


def pattern(name: str) -> np.ndarray:
    """Return a parameter's numbers: a wave, another for each."""
    size, turn = int(np.prod(SHAPES[name])), list(SHAPES).index(name)
    return np.cos(1.7 * np.arange(size) + turn).reshape(SHAPES[name]) * 0.7


def told(name: str) -> dict[str, object]:
    """Return PyTorch's loss and gradients at the first step."""
    import torch

    torch.set_default_dtype(torch.float64)
    names: dict[str, object] = {"loader": []}
    exec(compile(text_of(name), name, "exec"), names)  # the texts above
    net = names["net"]
    parameters = dict(net.named_parameters())
    with torch.no_grad():
        for word, one in parameters.items():
            one.copy_(torch.tensor(pattern(word)))
    _, _, outputs, loss = CASES[name]
    given = {"x": torch.tensor(X), "y": torch.tensor(Y), "t": torch.tensor(T)}
    line = f"{outputs} = net(x)\nloss = {loss}\n"
    exec(compile(line, name, "exec"), names | given, given)
    given["loss"].backward()
    slopes = {n: p.grad for n, p in parameters.items() if p.grad is not None}
    found = {word: one.flatten().tolist() for word, one in slopes.items()}
    return {"loss": given["loss"].item(), "gradients": found}


if __name__ == "__main__":
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps({name: told(name) for name in CASES}) + "\n")
