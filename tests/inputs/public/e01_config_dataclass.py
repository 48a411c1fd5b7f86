from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


@dataclass
class Config:
    channels: list[int] = field(default_factory=lambda: [1, 8, 16])
    hidden: int = 40
    classes: int = 10
    lr: float = 3e-4
    epochs: int = 7
    batch_size: int = 48
    dropout: float = 0.1


class Classifier(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        self.cfg = cfg
        blocks = []
        for c_in, c_out in zip(cfg.channels[:-1], cfg.channels[1:]):
            blocks.append(self._block(c_in, c_out))
        self.features = nn.Sequential(*blocks)
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(cfg.channels[-1] * 7 * 7, cfg.hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(cfg.dropout),
            nn.Linear(cfg.hidden, cfg.classes),
        )

    @staticmethod
    def _block(c_in: int, c_out: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(c_in, c_out, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(c_out),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


def main() -> None:
    cfg = Config()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = datasets.MNIST(".", train=True, download=True, transform=transforms.ToTensor())
    loader = DataLoader(data, batch_size=cfg.batch_size, shuffle=True)
    model = Classifier(cfg).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    scaler = torch.cuda.amp.GradScaler()
    for epoch in range(1, cfg.epochs + 1):
        model.train()
        running = 0.0
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad(set_to_none=True)
            with torch.cuda.amp.autocast():
                logits = model(images)
                loss = criterion(logits, labels)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            running += loss.item() * images.size(0)
        print(f"epoch {epoch}: {running / len(data):.4f}")


if __name__ == "__main__":
    main()
