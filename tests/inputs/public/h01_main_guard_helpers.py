#!/usr/bin/env python3
"""Train a small network on spectrograms."""
import logging
import os
import sys
from pathlib import Path
from typing import List, Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F

logger = logging.getLogger(__name__)
DATA = Path(os.environ.get("DATA_DIR", "data"))


def same_pad(k: int) -> int:
    return (k - 1) // 2


def conv_bn_act(i: int, o: int, k: int = 3, s: int = 1, *, act: Optional[nn.Module] = None) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(i, o, k, s, same_pad(k), bias=False), nn.BatchNorm2d(o), act or nn.ReLU())


class Net(nn.Module):
    def __init__(self, channels: List[int], n_classes: int, in_channels: int = 1):
        super().__init__()
        chans = [in_channels, *channels]
        self.stages = nn.Sequential(*(conv_bn_act(a, b, s=2, act=nn.Hardswish()) for a, b in zip(chans, chans[1:])))
        self.fc = nn.Linear(self._flat_size((in_channels, 32, 32)), n_classes)
        self.apply(self._init)

    @staticmethod
    def _init(m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)

    def _flat_size(self, shape: Tuple[int, ...]) -> int:
        with torch.no_grad():
            dummy = torch.zeros(1, *shape)
            return self.stages(dummy).view(1, -1).size(1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stages(x)
        return self.fc(x.flatten(start_dim=1))


def fit(model, loader, epochs, lr=1.0):
    opt = torch.optim.Adadelta(model.parameters(), lr=lr)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.9)
    criterion = nn.CrossEntropyLoss(reduction="mean")
    for epoch in range(epochs):
        total, correct = 0, 0
        for xb, yb in loader:
            opt.zero_grad()
            out = model(xb)
            loss = criterion(out, yb)
            loss.backward()
            opt.step()
            correct += (out.argmax(1) == yb).sum().item()
            total += yb.size(0)
        sched.step()
        logger.info("epoch %d acc %.3f", epoch, correct / total)
    return model


def main(argv=None):
    logging.basicConfig(stream=sys.stdout, level=logging.INFO)
    model = Net([8, 16], n_classes=4)
    loader = torch.utils.data.DataLoader(torch.load(DATA / "train.pt"), batch_size=40, shuffle=True)
    fit(model, loader, epochs=11, lr=0.5)
    torch.save(model.state_dict(), "net.pt")


if __name__ == "__main__":
    sys.exit(main())
