import torch
from torch import nn
from torch.nn import functional as F

class ResBlock(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.block = nn.Sequential(
            nn.ReLU(True),
            nn.Conv2d(dim, dim, 3, 1, 1),
            nn.BatchNorm2d(dim),
            nn.ReLU(True),
            nn.Conv2d(dim, dim, 1),
            nn.BatchNorm2d(dim)
        )

    def forward(self, x):
        return x + self.block(x)

class AutoEncoder(nn.Module):
    def __init__(self, input_dim, dim):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(input_dim, dim, 4, 2, 1),
            nn.BatchNorm2d(dim),
            nn.ReLU(True),
            nn.Conv2d(dim, dim, 4, 2, 1),
            ResBlock(dim),
            ResBlock(dim),
        )
        self.decoder = nn.Sequential(
            ResBlock(dim),
            ResBlock(dim),
            nn.ReLU(True),
            nn.ConvTranspose2d(dim, dim, 4, 2, 1),
            nn.BatchNorm2d(dim),
            nn.ReLU(True),
            nn.ConvTranspose2d(dim, input_dim, 4, 2, 1),
            nn.Tanh()
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))

BATCH_SIZE = 64
N_EPOCHS = 100
LR = 3e-4
NUM_CHANNELS = 1
DIM = 16
model = AutoEncoder(NUM_CHANNELS, DIM)
opt = torch.optim.Adam(model.parameters(), lr=LR, amsgrad=True)
x = torch.randn(BATCH_SIZE, NUM_CHANNELS, 28, 28)

def train():
    for batch_idx, (x, _) in enumerate(train_loader):
        opt.zero_grad()
        x_tilde = model(x)
        loss_recons = F.mse_loss(x_tilde, x)
        loss_recons.backward()
        opt.step()

for epoch in range(1, N_EPOCHS):
    train()
