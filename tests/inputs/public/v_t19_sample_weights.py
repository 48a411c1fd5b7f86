import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

X = np.random.randn(500, 6).astype(np.float32)
y = (X[:, 0] > 0).astype(np.float32)
w = np.where(y == 1, 3.0, 1.0).astype(np.float32)

ds = TensorDataset(torch.from_numpy(X), torch.from_numpy(y).unsqueeze(1), torch.from_numpy(w).unsqueeze(1))
dl = DataLoader(ds, batch_size=50, shuffle=True)

net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss(reduction='none')
opt = torch.optim.Adam(net.parameters(), lr=0.01)

for epoch in range(30):
    for xb, yb, wb in dl:
        opt.zero_grad()
        out = net(xb)
        losses = criterion(out, yb)
        loss = (losses * wb).mean()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
