import torch
import torch.nn as nn
model = nn.Linear(4, 3)
X = torch.randn(20, 4); y = torch.randn(20, 3)
for i in range(100):
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p += -(-0.3 * p.grad)
            p -= -0.3 * p.grad
            p.grad.zero_()
