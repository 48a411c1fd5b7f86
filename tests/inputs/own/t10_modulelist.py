import torch
import torch.nn as nn
import torch.nn.functional as F
class MLP(nn.Module):
    def __init__(self, sizes, activation=F.relu):
        super().__init__()
        self.layers = nn.ModuleList()
        for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
            self.layers.append(nn.Linear(a, b))
        self.activation = activation
        self.norms = nn.ModuleDict({f"n{i}": nn.BatchNorm1d(s) for i, s in enumerate(sizes[1:-1])})
    def forward(self, x):
        for i, layer in enumerate(self.layers[:-1]):
            x = self.activation(self.norms[f"n{i}"](layer(x)))
        return self.layers[-1](x)
cfg = dict(sizes=[20, 64, 32, 5])
net = MLP(**cfg)
opt = torch.optim.AdamW(net.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1)
crit = nn.CrossEntropyLoss(label_smoothing=0.1)
