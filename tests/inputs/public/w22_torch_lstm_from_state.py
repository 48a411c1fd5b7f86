import torch
import torch.nn as nn
class Seq2Seq(nn.Module):
    def __init__(self, vs=200, vt=15, h=8):
        super().__init__()
        self.e1 = nn.Embedding(vs, h)
        self.enc = nn.LSTM(h, h)
        self.dec = nn.LSTM(h, h)
        self.out = nn.Linear(h, vt)
    def forward(self, src):
        e = self.e1(src).permute(1, 0, 2)
        ys, (hidden, cell) = self.enc(e)
        zs, (hidden, cell) = self.dec(ys, (hidden, hidden))
        return self.out(zs[-1] + cell[0])
model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
crit = nn.CrossEntropyLoss()
x = torch.randint(0, 200, (32, 6)); y = torch.randint(0, 15, (32,))
for epoch in range(5):
    opt.zero_grad(); loss = crit(model(x), y); loss.backward(); opt.step()
