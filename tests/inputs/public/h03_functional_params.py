import torch
import torch.nn.functional as F
from torch import nn


class PolyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(5, 7) / 5 ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(7))
        self.w2 = nn.Parameter(torch.empty(7, 1))
        self.scale = nn.Parameter(torch.tensor(1.0))
        nn.init.xavier_normal_(self.w2)

    def forward(self, x):
        h = x @ self.w1 + self.b1
        h = h.clamp(min=0) + 0.1 * h ** 2
        return self.scale * torch.mm(h, self.w2)


net = PolyNet()
opt = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(200, 5), torch.randn(200, 1)
for t in range(1000):
    pred = net(x)
    loss = F.mse_loss(pred, y)
    if t % 100 == 99:
        print(t, loss.item())
    opt.zero_grad()
    loss.backward()
    opt.step()
