"""PyTorch's gradients where a program stops them or keeps weights, and three steps.

``python tests/data/kept_weights.py`` (with torch) writes ``kept_weights.json``: for
each change of a program its loss, the gradient of each parameter (none where PyTorch
has none), and the parameters after three steps of its optimiser on the same batch.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

NET = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.n = nn.Linear(4, 8), nn.BatchNorm1d(8)
        self.b = nn.Linear(8, 3)
    def forward(self, x):
        h = torch.tanh(self.n(self.a(x)))
        {line}
        return self.b(h)
net = Net()
{after}
optimizer = {optimizer}
criterion = nn.CrossEntropyLoss()
"""
ADAM = "torch.optim.Adam(net.parameters(), lr=0.05, weight_decay=0.1)"
SGD = "torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)"


def change(line: str = "pass", after: str = "pass", optimizer: str = ADAM) -> str:
    """Return the program with a line in forward, one behind the model, an optimiser."""
    return NET.format(line=line, after=after, optimizer=optimizer)


#: Lines of forward that stop the gradient.
STOPS = [
    "h = h.detach()",
    "h = h + h.clone().detach() * 2",
    "h = h * h.data",
    "h = h / h.abs().max().item()",
    "h = h - h.mean(dim=1, keepdim=True).detach()",
    "u, v = h.detach(), h\n        h = u * v",
    "with torch.no_grad():\n            m = h.mean()\n        h = h - m",
    "with torch.no_grad():\n            h = h * 2",
]
#: Lines behind the model, and optimisers, that keep weights.
KEEPS = {
    "for p in net.a.parameters():\n    p.requires_grad = False": ADAM,
    "net.a.requires_grad_(False)": SGD,
    "net.a.weight.requires_grad = False": ADAM,
    "for n, p in net.named_parameters():\n    if 'b.' not in n:\n"
    "        p.requires_grad = False": SGD,
    "for p in net.parameters():\n    p.requires_grad = False\n"
    "net.b = nn.Linear(8, 3)": ADAM,
    "net.requires_grad_(False)\nnet.b.requires_grad_(True)": SGD,
    "for p in list(net.parameters())[:4]:\n    p.requires_grad = False": SGD,
    "for child in list(net.children())[:2]:\n    for p in child.parameters():\n"
    "        p.requires_grad = False": ADAM,
    "pass": "torch.optim.SGD(net.b.parameters(), lr=0.1, momentum=0.9)",
    "pass ": "torch.optim.Adam([net.b.weight, net.n.weight], lr=0.05)",
    "pass  ": "torch.optim.Adam(list(net.n.parameters()) + list(net.b.parameters()))",
    "net.a.requires_grad_(False)\n":
        "torch.optim.SGD(filter(lambda p: p.requires_grad, net.parameters()), lr=0.1)",
    "pass   ": "torch.optim.SGD([{'params': net.n.parameters()}, "
               "{'params': net.b.parameters()}], lr=0.1)",
}  # fmt: skip
CASES = [change(line) for line in STOPS]
CASES += [change(after=after, optimizer=by) for after, by in KEEPS.items()]
SHAPES = {"a.weight": (8, 4), "a.bias": (8,), "n.weight": (8,), "n.bias": (8,),
          "b.weight": (3, 8), "b.bias": (3,)}  # fmt: skip
X = np.sin(np.arange(20.0)).reshape(5, 4)
Y = np.array([0, 1, 2, 0, 1])


def pattern(name: str) -> np.ndarray:
    """Return a parameter's numbers: a wave, another for each."""
    size, turn = int(np.prod(SHAPES[name])), list(SHAPES).index(name)
    return np.cos(1.7 * np.arange(size) + turn).reshape(SHAPES[name]) * 0.6


def told(text: str) -> dict[str, object]:
    """Return PyTorch's loss, gradients, and parameters after three steps."""
    import torch

    names: dict[str, object] = {}
    torch.set_default_dtype(torch.float64)
    exec(compile(text, "case", "exec"), names)  # the texts above
    net, optimizer = names["net"], names["optimizer"]
    parameters = dict(net.named_parameters())
    with torch.no_grad():
        for name, one in parameters.items():
            one.copy_(torch.tensor(pattern(name)))
    found: dict[str, object] = {}
    for _ in range(3):
        optimizer.zero_grad()
        loss = names["criterion"](net(torch.tensor(X)), torch.tensor(Y))
        loss.backward()
        if not found:
            slopes = {n: p.grad for n, p in parameters.items()}
            found["loss"] = loss.item()
            found["gradients"] = {n: g.flatten().tolist() for n, g in slopes.items()
                                  if g is not None}  # fmt: skip
        optimizer.step()
    after = {name: one.detach() for name, one in parameters.items()}
    found["after"] = {name: one.flatten().tolist() for name, one in after.items()}
    return found


if __name__ == "__main__":
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps([told(text) for text in CASES]) + "\n")
