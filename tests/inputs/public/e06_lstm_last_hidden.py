import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEQ_LEN = 24
N_FEATURES = 6


class LSTMRegressor(nn.Module):
    def __init__(self, n_features=N_FEATURES, hidden=12, num_layers=2):
        super().__init__()
        self.hidden, self.num_layers = hidden, num_layers
        self.lstm = nn.LSTM(n_features, hidden, num_layers, batch_first=True)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden).to(x.device)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden).to(x.device)
        out, (hn, cn) = self.lstm(x, (h0.detach(), c0.detach()))
        return self.linear(out[:, -1, :])


X = torch.randn(1000, SEQ_LEN, N_FEATURES)
y = torch.randn(1000, 1)
loader = DataLoader(TensorDataset(X, y), batch_size=16, shuffle=True)
model = LSTMRegressor()
loss_fn = nn.MSELoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=4e-3)
n_epochs = 30
for epoch in range(n_epochs):
    model.train()
    for X_batch, y_batch in loader:
        y_pred = model(X_batch)
        loss = loss_fn(y_pred, y_batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 != 0:
        continue
    model.eval()
    with torch.no_grad():
        rmse = torch.sqrt(loss_fn(model(X), y))
