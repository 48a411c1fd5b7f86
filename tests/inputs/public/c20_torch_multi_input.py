import torch
import torch.nn as nn
from dataclasses import dataclass, field

@dataclass
class Config:
    n_users: int = 600
    n_items: int = 9000
    dim: int = 32
    hidden: list = field(default_factory=lambda: [64, 32])
    lr: float = 1e-3
    epochs: int = 5
    batch_size: int = 256

cfg = Config()

class NCF(nn.Module):
    """Neural collaborative filtering"""
    def __init__(self, cfg: Config):
        super().__init__()
        self.user = nn.Embedding(cfg.n_users, cfg.dim)
        self.item = nn.Embedding(cfg.n_items, cfg.dim)
        dims = [2 * cfg.dim, *cfg.hidden]
        self.mlp = nn.Sequential(*[
            nn.Sequential(nn.Linear(i, o), nn.ReLU()) for i, o in zip(dims[:-1], dims[1:])
        ])
        self.out = nn.Linear(cfg.hidden[-1], 1)

    def forward(self, users, items):
        x = torch.cat([self.user(users), self.item(items)], dim=-1)
        return torch.sigmoid(self.out(self.mlp(x))).squeeze(-1)

model = NCF(cfg)
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
loss_fn = nn.BCELoss()
for epoch in range(cfg.epochs):
    for users, items, y in loader:
        opt.zero_grad()
        loss = loss_fn(model(users, items), y.float())
        loss.backward()
        opt.step()
