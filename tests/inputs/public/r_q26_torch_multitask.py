import torch
import torch.nn as nn

class MultiTask(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
        self.cls_head = nn.Linear(32, 4)
        self.reg_head = nn.Linear(32, 1)

    def forward(self, x):
        h = self.shared(x)
        return self.cls_head(h), self.reg_head(h)

model = MultiTask()
ce = nn.CrossEntropyLoss()
mse = nn.MSELoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
for epoch in range(30):
    for x, y_cls, y_reg in loader:
        optimizer.zero_grad()
        logits, value = model(x)
        loss = ce(logits, y_cls) + 0.5 * mse(value, y_reg)
        loss.backward()
        optimizer.step()
