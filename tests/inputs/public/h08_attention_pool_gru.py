import torch
import torch.nn as nn
import torch.nn.functional as F


class AttnGRU(nn.Module):
    def __init__(self, vocab=70, emb=10, hid=9, n_out=5):
        super().__init__()
        self.emb = nn.Embedding(vocab, emb)
        self.rnn = nn.GRU(emb, hid, num_layers=1, batch_first=True, bidirectional=True)
        self.attn = nn.Linear(2 * hid, 1)
        self.out = nn.Linear(2 * hid, n_out)

    def attention(self, outputs):
        weights = torch.softmax(self.attn(torch.tanh(outputs)).squeeze(-1), dim=1)
        return torch.bmm(weights.unsqueeze(1), outputs).squeeze(1)

    def forward(self, tokens):
        outputs, _ = self.rnn(self.emb(tokens))
        return self.out(self.attention(outputs))


model = AttnGRU()
model(torch.randint(70, (2, 15)))
optimizer = torch.optim.Adam(model.parameters())
criterion = nn.CrossEntropyLoss()
train_loader = torch.utils.data.DataLoader(ds, batch_size=50)
for epoch in range(1, 5):
    for tokens, y in train_loader:
        loss = criterion(model(tokens), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
