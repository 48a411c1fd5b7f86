import torch
import torch.nn as nn
class BiLSTMAttn(nn.Module):
    def __init__(self, vocab=8000, emb=100, hid=64, n_cls=5):
        super().__init__()
        self.emb = nn.Embedding(vocab, emb, padding_idx=0)
        self.rnn = nn.LSTM(emb, hid, num_layers=2, bidirectional=True, batch_first=True, dropout=0.3)
        self.attn = nn.Linear(2 * hid, 1)
        self.out = nn.Linear(2 * hid, n_cls)
    def forward(self, x, lengths=None):
        h, (hn, cn) = self.rnn(self.emb(x))
        a = torch.softmax(self.attn(torch.tanh(h)).squeeze(-1), dim=1)
        ctx = torch.bmm(a.unsqueeze(1), h).squeeze(1)
        return self.out(ctx)
net = BiLSTMAttn()
