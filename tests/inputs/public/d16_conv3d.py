import torch, torch.nn as nn
class UNet3D(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Conv3d(1, 8, 3, padding=1), nn.BatchNorm3d(8), nn.ReLU(), nn.MaxPool3d(2))
        self.fc = nn.Linear(8 * 8 * 8 * 8, 2)
    def forward(self, x):
        x = self.enc(x)
        return self.fc(x.view(x.size(0), -1))
m = UNet3D()
y = m(torch.zeros(1, 1, 16, 16, 16))
