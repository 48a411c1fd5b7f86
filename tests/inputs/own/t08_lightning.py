import torch
from torch import nn
import torch.nn.functional as F
import pytorch_lightning as pl
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
class LitMNIST(pl.LightningModule):
    def __init__(self, hidden=64, lr=2e-4):
        super().__init__()
        self.save_hyperparameters()
        self.lr = lr
        self.model = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    def forward(self, x):
        return F.log_softmax(self.model(x), dim=1)
    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.nll_loss(self(x), y)
        self.log("train_loss", loss)
        return loss
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)
model = LitMNIST()
trainer = pl.Trainer(max_epochs=3)
trainer.fit(model, DataLoader(MNIST("."), batch_size=128))
