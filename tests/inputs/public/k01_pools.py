import torch
import torch.nn as nn
import torch.nn.functional as F

class Volumes(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 4, 3, padding=1)
        self.pool = nn.MaxPool3d(3, stride=2, ceil_mode=True)
        self.mean = nn.AvgPool3d(2, stride=2, padding=1, ceil_mode=True)
        self.flat = nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)
        self.fc = nn.Linear(4 * 2 * 2, 5)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = self.mean(self.pool(x))
        x = self.flat(x[:, :, 0])
        x = F.max_pool2d(x, 2, 1, ceil_mode=True)
        return self.fc(x.flatten(1))

net = Volumes()
