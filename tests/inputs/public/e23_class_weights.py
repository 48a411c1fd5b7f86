import torch
import torch.nn as nn

net = nn.Sequential(nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 3))
weights = torch.tensor([0.2, 1.0, 3.5])
loss_fn = nn.CrossEntropyLoss(weight=weights)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loader = torch.utils.data.DataLoader(train, batch_size=32, shuffle=True)
for epoch in range(6):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        optimizer.step()
