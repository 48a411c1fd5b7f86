import torch
import torch.nn as nn
@torch.jit.script
def swish(x):
    return x * torch.sigmoid(x)
class Swish(nn.Module):
    def forward(self, x):
        return swish(x)
class TimeEmbedding(nn.Module):
    def __init__(self, n_channels: int):
        super().__init__()
        self.lin1 = nn.Linear(n_channels // 4, n_channels)
        self.act = Swish()
        self.lin2 = nn.Linear(n_channels, n_channels)
    def forward(self, t: torch.Tensor):
        return self.lin2(self.act(self.lin1(t)))
class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, time_channels: int, n_groups: int = 8):
        super().__init__()
        self.norm1 = nn.GroupNorm(n_groups, in_channels)
        self.act1 = Swish()
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=(3, 3), padding=(1, 1))
        self.time_emb = nn.Linear(time_channels, out_channels)
        self.shortcut = nn.Conv2d(in_channels, out_channels, kernel_size=(1, 1)) if in_channels != out_channels else nn.Identity()
    def forward(self, x: torch.Tensor, t: torch.Tensor):
        h = self.conv1(self.act1(self.norm1(x)))
        h += self.time_emb(t)[:, :, None, None]
        return h + self.shortcut(x)
class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Conv2d(1, 16, 3, padding=1)
        self.t = TimeEmbedding(32)
        self.block = ResidualBlock(16, 32, 32)
        self.out = nn.Conv2d(32, 1, 1)
    def forward(self, x, t):
        t = self.t(t)
        return self.out(self.block(self.inp(x), t))
net = Denoiser()
eps = net(torch.randn(4, 1, 28, 28), torch.randn(4, 8))
