import torch
from torch import nn
class WaveNetBlock(nn.Module):
    def __init__(self, ch, dilation):
        super().__init__()
        self.pad = (2 - 1) * dilation
        self.filter = nn.Conv1d(ch, ch, 2, dilation=dilation)
        self.gate = nn.Conv1d(ch, ch, 2, dilation=dilation)
        self.res = nn.Conv1d(ch, ch, 1)
    def forward(self, x):
        p = nn.functional.pad(x, (self.pad, 0))
        z = torch.tanh(self.filter(p)) * torch.sigmoid(self.gate(p))
        return x + self.res(z), z
class WaveNet(nn.Module):
    def __init__(self, ch=16, n=4):
        super().__init__()
        self.inp = nn.Conv1d(1, ch, 1)
        self.blocks = nn.ModuleList(WaveNetBlock(ch, 2 ** i) for i in range(n))
        self.out = nn.Conv1d(ch, 1, 1)
    def forward(self, x):
        x = self.inp(x)
        skips = 0
        for b in self.blocks:
            x, s = b(x)
            skips = skips + s
        return self.out(torch.relu(skips))
