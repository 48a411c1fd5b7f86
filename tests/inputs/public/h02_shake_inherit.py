import torch
import torch.nn as nn
import torch.nn.functional as F


class Base(nn.Module):
    hidden = 10

    def __init__(self):
        super(Base, self).__init__()
        self.inp = nn.Linear(6, self.hidden)
        self.build_head()

    def build_head(self):
        raise NotImplementedError

    def features(self, x):
        return torch.tanh(self.inp(x))

    def forward(self, x):
        return self.head(self.features(x))

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)


class Child(Base):
    hidden = 14

    def build_head(self):
        self.head = nn.Sequential()
        self.head.add_module("drop", nn.Dropout(0.0))
        self.head.add_module("out", nn.Linear(self.hidden, 2))

    def features(self, x):
        h = super().features(x)
        return h * torch.sigmoid(h)


model = Child()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
loss = model.loss(torch.randn(3, 6), torch.tensor([0, 1, 1]))
loss.backward()
optimizer.step()
