import sys
sys.path.append('./python')
import needle as ndl
import needle.nn as nn
import numpy as np
np.random.seed(0)

class ConvBN(ndl.nn.Module):
    def __init__(self, a, b, k, s, device=None):
        super().__init__()
        self.conv = nn.Conv(a, b, k, stride=s, device=device)
        self.bn = nn.BatchNorm2d(b, device=device)
        self.relu = nn.ReLU()
    def forward(self, x):
        return self.relu(self.bn(self.conv(x)))

class ResNet9(ndl.nn.Module):
    def __init__(self, device=None, dtype="float32"):
        super().__init__()
        self.conv1 = ConvBN(3, 16, 7, 4, device=device)
        self.conv2 = ConvBN(16, 32, 3, 2, device=device)
        self.res = nn.Residual(nn.Sequential(ConvBN(32, 32, 3, 1, device=device), ConvBN(32, 32, 3, 1, device=device)))
        self.flatten = nn.Flatten()
        self.linear1 = nn.Linear(512, 128, device=device, dtype=dtype)
        self.relu = nn.ReLU()
        self.linear2 = nn.Linear(128, 10, device=device, dtype=dtype)
    def forward(self, x):
        x = self.res(self.conv2(self.conv1(x)))
        x = self.flatten(x)
        return self.linear2(self.relu(self.linear1(x)))

device = ndl.cpu()
dataset = ndl.data.CIFAR10Dataset("./data/cifar-10-batches-py", train=True)
dataloader = ndl.data.DataLoader(dataset=dataset, batch_size=128, shuffle=True)
model = ResNet9(device=device, dtype="float32")
opt = ndl.optim.Adam(model.parameters(), lr=0.001, weight_decay=0.001)
loss_fn = nn.SoftmaxLoss()
for epoch in range(10):
    for X, y in dataloader:
        opt.reset_grad()
        logits = model(ndl.Tensor(X, device=device))
        loss = loss_fn(logits, ndl.Tensor(y, device=device))
        loss.backward()
        opt.step()
