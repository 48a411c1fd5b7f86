import pandas as pd
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class Ratings(Dataset):
    def __init__(self, df):
        self.u = torch.tensor(df.userId.values)
        self.i = torch.tensor(df.movieId.values)
        self.r = torch.tensor(df.rating.values).float()

    def __len__(self):
        return len(self.r)

    def __getitem__(self, k):
        return self.u[k], self.i[k], self.r[k]


class MF(nn.Module):
    def __init__(self, num_users, num_items, emb_size=12):
        super().__init__()
        self.user_emb = nn.Embedding(num_users, emb_size)
        self.item_emb = nn.Embedding(num_items, emb_size)
        self.user_bias = nn.Embedding(num_users, 1)
        self.item_bias = nn.Embedding(num_items, 1)
        self.user_emb.weight.data.uniform_(0, 0.05)

    def forward(self, u, v):
        U, V = self.user_emb(u), self.item_emb(v)
        b_u, b_v = self.user_bias(u).squeeze(), self.item_bias(v).squeeze()
        return (U * V).sum(1) + b_u + b_v


df = pd.read_csv("ratings.csv")
num_users, num_items = 100, 200
model = MF(num_users, num_items)
loader = DataLoader(Ratings(df), batch_size=512, shuffle=True)
opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-6)
mse = nn.MSELoss()
for e in range(20):
    for u, i, r in loader:
        loss = mse(model(u, i), r)
        opt.zero_grad()
        loss.backward()
        opt.step()
