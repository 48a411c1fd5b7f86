import torch
import torch.nn as nn
class GCNLayer(nn.Module):
    def __init__(self, in_feats, out_feats):
        super().__init__()
        self.linear = nn.Linear(in_feats, out_feats)
    def forward(self, x, adj):
        return torch.relu(torch.bmm(adj, self.linear(x)))
class GCN(nn.Module):
    def __init__(self, nfeat=16, nhid=32, nclass=4):
        super().__init__()
        self.gc1 = GCNLayer(nfeat, nhid)
        self.gc2 = GCNLayer(nhid, nclass)
    def forward(self, x, adj):
        x = self.gc1(x, adj)
        return self.gc2(x, adj).mean(1)
net = GCN()
out = net(torch.randn(8, 10, 16), torch.rand(8, 10, 10))
