import torch, torch.nn as nn
class SentimentLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_dim, n_layers=2, drop_prob=0.5):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.lstm = nn.LSTM(embed_dim, hidden_dim, n_layers, dropout=drop_prob, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(hidden_dim * 2, 1)
        self.sig = nn.Sigmoid()
    def forward(self, x):
        embeds = self.embedding(x)
        lstm_out, (h, c) = self.lstm(embeds)
        out = torch.cat((h[-2], h[-1]), dim=1)
        out = self.dropout(out)
        out = self.fc(out)
        return self.sig(out)
model = SentimentLSTM(vocab_size=1000, embed_dim=16, hidden_dim=12)
x = torch.randint(0, 1000, (4, 20))
print(model(x).shape)
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
