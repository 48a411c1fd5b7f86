import torch
import torch.nn as nn
class Seq2Seq(nn.Module):
    def __init__(self, vs=200, vt=15, h=8):
        super().__init__()
        self.e1 = nn.Embedding(vs, h)
        self.enc = nn.GRU(h, h, batch_first=True)
        self.dec = nn.GRU(h, h, batch_first=True)
        self.out = nn.Linear(h, vt)
    def forward(self, src):
        e = self.e1(src)
        ys, hidden = self.enc(e)
        zs, hidden = self.dec(ys, hidden)
        return self.out(zs[:, -1])
model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
crit = nn.CrossEntropyLoss()
x = torch.randint(0, 200, (32, 6)); y = torch.randint(0, 15, (32,))
for epoch in range(5):
    opt.zero_grad(); loss = crit(model(x), y); loss.backward(); opt.step()
