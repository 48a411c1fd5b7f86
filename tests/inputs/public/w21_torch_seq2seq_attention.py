import torch
import torch.nn as nn


class Encoder(nn.Module):
    def __init__(self, input_dim, emb_dim, hid_dim):
        super().__init__()
        self.embedding = nn.Embedding(input_dim, emb_dim)
        self.rnn = nn.LSTM(emb_dim, hid_dim, batch_first=True)

    def forward(self, src):
        outputs, (hidden, cell) = self.rnn(self.embedding(src))
        return outputs, hidden, cell


class Attention(nn.Module):
    def __init__(self, hid_dim):
        super().__init__()
        self.attn = nn.Linear(2 * hid_dim, hid_dim)
        self.v = nn.Linear(hid_dim, 1, bias=False)

    def forward(self, hidden, outputs):
        hidden = hidden[-1].unsqueeze(1).repeat(1, outputs.shape[1], 1)
        energy = torch.tanh(self.attn(torch.cat((hidden, outputs), dim=2)))
        return torch.softmax(self.v(energy).squeeze(2), dim=1)


class Decoder(nn.Module):
    def __init__(self, output_dim, emb_dim, hid_dim):
        super().__init__()
        self.attention = Attention(hid_dim)
        self.rnn = nn.GRU(hid_dim, hid_dim, batch_first=True)
        self.fc_out = nn.Linear(2 * hid_dim, output_dim)

    def forward(self, hidden, outputs):
        a = self.attention(hidden, outputs).unsqueeze(1)
        weighted = torch.bmm(a, outputs)
        output, hidden = self.rnn(weighted, hidden)
        prediction = self.fc_out(torch.cat((output.squeeze(1), weighted.squeeze(1)), dim=1))
        return prediction, hidden


class Seq2Seq(nn.Module):
    def __init__(self, encoder, decoder, steps):
        super().__init__()
        self.encoder, self.decoder, self.steps = encoder, decoder, steps

    def forward(self, src):
        outputs, hidden, cell = self.encoder(src)
        predictions = []
        for t in range(self.steps):
            prediction, hidden = self.decoder(hidden, outputs)
            predictions.append(prediction)
        return torch.stack(predictions, dim=1).mean(1)


model = Seq2Seq(Encoder(200, 6, 8), Decoder(15, 6, 8), 3)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
src = torch.randint(0, 200, (32, 6))
trg = torch.randint(0, 15, (32,))
for epoch in range(5):
    optimizer.zero_grad()
    loss = criterion(model(src), trg)
    loss.backward()
    optimizer.step()
