import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, n=4, h=5):
        super().__init__()
        self.h = h
        self.gru = nn.GRUCell(n, h)
        self.lstm = nn.LSTMCell(h, h)
        self.rnn = nn.RNNCell(h, h, nonlinearity='relu')
        self.fc = nn.Linear(h, 3)

    def forward(self, x):
        batch = x.size(0)
        h = torch.zeros(batch, self.h, dtype=x.dtype)
        state = None
        r = torch.zeros(batch, self.h, dtype=x.dtype)
        for t in range(x.size(1)):
            h = self.gru(x[:, t, :], h)
            state = self.lstm(h, state)
            r = self.rnn(state[0], r)
        return self.fc(r)

net = Net()
criterion = nn.CrossEntropyLoss()
out = net(torch.randn(8, 6, 4))
