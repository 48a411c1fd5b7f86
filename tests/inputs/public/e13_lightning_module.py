import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class TabularNet(pl.LightningModule):
    def __init__(self, n_in: int, n_out: int, width: int = 32, depth: int = 2, lr: float = 1e-3, **kwargs):
        super().__init__()
        self.save_hyperparameters()
        layers = [nn.Linear(n_in, width), nn.SiLU()]
        for _ in range(self.hparams.depth - 1):
            layers += [nn.Linear(width, width), nn.BatchNorm1d(width), nn.SiLU()]
        self.body = nn.Sequential(*layers)
        self.out = nn.Linear(width, n_out)

    def forward(self, x):
        return self.out(self.body(x))

    def _shared_step(self, batch, stage):
        x, y = batch
        logits = self(x)
        loss = F.cross_entropy(logits, y)
        acc = (logits.argmax(dim=1) == y).float().mean()
        self.log(f"{stage}_loss", loss, prog_bar=True)
        self.log(f"{stage}_acc", acc)
        return loss

    def training_step(self, batch, batch_idx):
        return self._shared_step(batch, "train")

    def validation_step(self, batch, batch_idx):
        self._shared_step(batch, "val")

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
        return {"optimizer": optimizer, "lr_scheduler": scheduler, "monitor": "val_loss"}


if __name__ == "__main__":
    pl.seed_everything(1)
    data = TensorDataset(torch.randn(300, 20), torch.randint(0, 3, (300,)))
    train_set, val_set = random_split(data, [240, 60])
    net = TabularNet(20, 3)
    stop = EarlyStopping(monitor="val_loss", patience=4)
    trainer = pl.Trainer(max_epochs=12, callbacks=[stop, ModelCheckpoint()], gradient_clip_val=0.5)
    trainer.fit(net, DataLoader(train_set, batch_size=24, shuffle=True), DataLoader(val_set, batch_size=24))
