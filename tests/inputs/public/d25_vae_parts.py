import torch
import torch.nn as nn
import torch.nn.functional as F
class Encoder(nn.Module):
    def __init__(self, latent=32):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(3, 16, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 32, 4, 2, 1), nn.InstanceNorm2d(32), nn.LeakyReLU(0.2))
        self.mu = nn.Linear(32 * 8 * 8, latent)
        self.logvar = nn.Linear(32 * 8 * 8, latent)
    def forward(self, x):
        h = self.conv(x).flatten(1)
        return self.mu(h), self.logvar(h)
class Decoder(nn.Module):
    def __init__(self, latent=32):
        super().__init__()
        self.fc = nn.Linear(latent, 32 * 8 * 8)
        self.deconv = nn.Sequential(nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(16, 3, 4, 2, 1), nn.Sigmoid())
    def forward(self, z):
        return self.deconv(self.fc(z).view(-1, 32, 8, 8))
class VAE(nn.Module):
    def __init__(self, latent=32):
        super().__init__()
        self.enc, self.dec = Encoder(latent), Decoder(latent)
    def forward(self, x):
        mu, logvar = self.enc(x)
        std = (0.5 * logvar).exp()
        z = mu + std * torch.randn_like(std)
        return self.dec(z), mu, logvar
def elbo(x, r, mu, lv):
    rec = F.mse_loss(r, x, reduction="sum") / x.size(0)
    kld = -0.5 * torch.mean(torch.sum(1 + lv - mu ** 2 - lv.exp(), dim=1))
    return rec + kld
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), 2e-4)
for epoch in range(20):
    for x, _ in loader:
        r, mu, lv = vae(x)
        loss = elbo(x, r, mu, lv)
        opt.zero_grad(set_to_none=True); loss.backward(); opt.step()
