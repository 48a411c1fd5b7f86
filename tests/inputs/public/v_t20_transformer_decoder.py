import math
import torch
import torch.nn as nn


class Translator(nn.Module):
    """Both ends read the same words: an encoder's memory, and a decoder that looks back."""

    def __init__(self, vocab_size=60, d_model=16, nhead=4, num_layers=2, max_len=12):
        super().__init__()
        self.d_model = d_model
        self.tok = nn.Embedding(vocab_size, d_model)
        self.pos = nn.Parameter(torch.zeros(1, max_len, d_model))
        enc = nn.TransformerEncoderLayer(d_model, nhead, 32, 0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(enc, num_layers=1)
        dec = nn.TransformerDecoderLayer(d_model=d_model, nhead=nhead, dim_feedforward=32,
                                         dropout=0.1, batch_first=True, norm_first=True)
        self.decoder = nn.TransformerDecoder(dec, num_layers, norm=nn.LayerNorm(d_model))
        self.fc = nn.Linear(d_model, vocab_size)

    def forward(self, words):
        T = words.size(1)
        mask = nn.Transformer.generate_square_subsequent_mask(T)
        x = self.tok(words) * math.sqrt(self.d_model) + self.pos[:, :T]
        memory = self.encoder(x)
        out = self.decoder(x, memory, tgt_mask=mask)
        return self.fc(out)


model = Translator()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-9)
words = torch.randint(0, 60, (8, 12))
for epoch in range(10):
    logits = model(words)
    loss = criterion(logits.reshape(-1, 60), words.reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
