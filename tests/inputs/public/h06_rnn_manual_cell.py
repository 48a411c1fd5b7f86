import torch
import torch.nn as nn


class CharRNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(CharRNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.i2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def step(self, x, hidden):
        combined = torch.cat((x, hidden), 1)
        return torch.tanh(self.i2h(combined))

    def forward(self, seq):
        hidden = self.init_hidden(seq.size(0))
        for t in range(seq.size(1)):
            hidden = self.step(seq[:, t], hidden)
        return self.softmax(self.i2o(hidden))

    def init_hidden(self, batch_size):
        return torch.zeros(batch_size, self.hidden_size)


rnn = CharRNN(4, 11, 3)
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(rnn.parameters(), lr=0.05)
out = rnn(torch.randn(2, 9, 4))
