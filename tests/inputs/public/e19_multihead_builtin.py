import torch
from torch import nn


class SetPool(nn.Module):
    def __init__(self, dim=12, heads=3, out=2):
        super().__init__()
        self.mha = nn.MultiheadAttention(embed_dim=dim, num_heads=heads, batch_first=True)
        self.ln = nn.LayerNorm(dim)
        self.ffn = nn.Sequential(nn.Linear(dim, dim * 2), nn.ReLU(), nn.Linear(dim * 2, dim))
        self.head = nn.Linear(dim, out)

    def forward(self, x):
        h, _ = self.mha(x, x, x, need_weights=False)
        x = self.ln(x + h)
        x = self.ln(x + self.ffn(x))
        x, _ = x.max(dim=1)
        return self.head(x)


model = SetPool()
x = torch.randn(5, 10, 12)
out = model(x)
loss = nn.CrossEntropyLoss()(out, torch.tensor([0, 1, 0, 1, 1]))
optim = torch.optim.Adam(model.parameters())
