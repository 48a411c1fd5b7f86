import numpy as np, torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
class MyData(Dataset):
    def __init__(self, n=1000):
        self.x = torch.randn(n, 12)
        self.y = (self.x.sum(1) > 0).float()
    def __len__(self): return len(self.x)
    def __getitem__(self, i): return self.x[i], self.y[i]
model = nn.Sequential(nn.Linear(12, 8), nn.SiLU(), nn.Linear(8, 1), nn.Sigmoid())
opt = torch.optim.RMSprop(model.parameters(), lr=3e-3)
loader = DataLoader(MyData(), batch_size=50, shuffle=True)
n_epochs = 12
for epoch in range(n_epochs):
    for xb, yb in loader:
        p = model(xb).squeeze(-1)
        l = nn.functional.binary_cross_entropy(p, yb)
        opt.zero_grad(); l.backward(); opt.step()
