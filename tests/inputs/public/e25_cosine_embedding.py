import torch
import torch.nn as nn


class Encoder(nn.Module):
    def __init__(self, d_in=12, d_out=8):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(d_in, 16), nn.ReLU(), nn.Linear(16, d_out))

    def forward(self, a, b):
        return self.f(a), self.f(b)


model = Encoder()
loss_fn = nn.CosineEmbeddingLoss(margin=0.2)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(5):
    for a, b, same in torch.utils.data.DataLoader(pairs, batch_size=16):
        u, v = model(a, b)
        loss = loss_fn(u, v, same)
        opt.zero_grad()
        loss.backward()
        opt.step()
