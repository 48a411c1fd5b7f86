import torch
from torch import nn


def block(i, o, k=5):
    return nn.Sequential(nn.Conv1d(i, o, k, padding=k // 2), nn.GroupNorm(2, o), nn.SiLU())


class UNet1D(nn.Module):
    def __init__(self, width=8, levels=2):
        super().__init__()
        chans = [width * 2**i for i in range(levels + 1)]
        self.first = block(1, chans[0])
        self.downs = nn.ModuleList(block(a, b) for a, b in zip(chans, chans[1:]))
        self.ups = nn.ModuleList()
        self.merges = nn.ModuleList()
        for a, b in zip(chans[::-1], chans[-2::-1]):
            self.ups.append(nn.ConvTranspose1d(a, b, 2, stride=2))
            self.merges.append(block(2 * b, b))
        self.last = nn.Conv1d(chans[0], 1, 1)
        self.pool = nn.MaxPool1d(2)

    def forward(self, x):
        skips = []
        h = self.first(x)
        for down in self.downs:
            skips.append(h)
            h = down(self.pool(h))
        for up, merge in zip(self.ups, self.merges):
            h = up(h)
            h = merge(torch.cat([skips.pop(), h], dim=1))
        return x - self.last(h)


net = UNet1D()
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
crit = nn.L1Loss()
noisy, clean = torch.randn(16, 1, 64), torch.randn(16, 1, 64)
loss = crit(net(noisy), clean)
loss.backward()
opt.step()
