import copy

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_boston
from sklearn.model_selection import train_test_split
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset


class EarlyStopper:
    def __init__(self, patience=1, min_delta=0):
        self.patience = patience
        self.min_delta = min_delta
        self.counter = 0
        self.min_validation_loss = np.inf

    def early_stop(self, validation_loss):
        if validation_loss < self.min_validation_loss:
            self.min_validation_loss = validation_loss
            self.counter = 0
        elif validation_loss > (self.min_validation_loss + self.min_delta):
            self.counter += 1
            if self.counter >= self.patience:
                return True
        return False


class Regressor(nn.Module):
    def __init__(self, input_dim, *hidden, dropout=0.1):
        super(Regressor, self).__init__()
        dims = (input_dim,) + hidden
        self.hidden_layers = nn.ModuleList(
            [nn.Linear(dims[i], dims[i + 1]) for i in range(len(dims) - 1)]
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(dims[-1], 1)

    def forward(self, x):
        for layer in self.hidden_layers:
            x = self.dropout(torch.relu(layer(x)))
        return self.output(x)


X, y = load_boston(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2)
train_dl = DataLoader(TensorDataset(torch.Tensor(X_train), torch.Tensor(y_train)), batch_size=16)
model = Regressor(13, 32, 16, 8)
criterion = nn.SmoothL1Loss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
scheduler = StepLR(optimizer, step_size=100, gamma=0.5)
early_stopper = EarlyStopper(patience=20, min_delta=1e-3)
best = copy.deepcopy(model.state_dict())
for epoch in np.arange(500):
    model.train()
    for xb, yb in train_dl:
        loss = criterion(model(xb).squeeze(), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        validation_loss = criterion(model(torch.Tensor(X_val)).squeeze(), torch.Tensor(y_val)).item()
    scheduler.step()
    if early_stopper.early_stop(validation_loss):
        break
