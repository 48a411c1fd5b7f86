import torch
import torch.nn as nn


class WideAndDeep(nn.Module):
    def __init__(self, n_wide: int, n_deep: int, hidden=(64, 32)):
        super().__init__()
        mods = []
        last = n_deep
        for h in hidden:
            mods.extend([nn.Linear(last, h), nn.ReLU(), nn.Dropout(0.2)])
            last = h
        self.deep = nn.Sequential(*mods)
        self.final = nn.Linear(last + n_wide, 1)

    def forward(self, wide, deep):
        d = self.deep(deep)
        both = torch.cat((wide, d), 1)
        return self.final(both)


model = WideAndDeep(8, 30)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.MSELoss()
loader = torch.utils.data.DataLoader(dataset, 256, shuffle=True)
for epoch in range(25):
    for xw, xd, y in loader:
        opt.zero_grad()
        loss = criterion(model(xw, xd), y.unsqueeze(1))
        loss.backward()
        opt.step()
