import minitorch
import random
BACKEND = minitorch.TensorBackend(minitorch.FastOps)

def RParam(*shape):
    r = 0.1 * (minitorch.rand(shape, backend=BACKEND) - 0.5)
    return minitorch.Parameter(r)

class Linear(minitorch.Module):
    def __init__(self, in_size, out_size):
        super().__init__()
        self.weights = RParam(in_size, out_size)
        self.bias = RParam(out_size)
        self.out_size = out_size

    def forward(self, x):
        batch, in_size = x.shape
        return (x.view(batch, in_size) @ self.weights.value.view(in_size, self.out_size)).view(batch, self.out_size) + self.bias.value

class Net(minitorch.Module):
    def __init__(self, hidden):
        super().__init__()
        self.layer1 = Linear(2, hidden)
        self.layer2 = Linear(hidden, hidden)
        self.layer3 = Linear(hidden, 1)

    def forward(self, x):
        h = self.layer1.forward(x).relu()
        h = self.layer2.forward(h).relu()
        return self.layer3.forward(h).sigmoid()

model = Net(10)
optim = minitorch.SGD(model.parameters(), 0.5)
for epoch in range(1, 251):
    optim.zero_grad()
    out = model.forward(X).view(data.N)
    prob = (out * y) + (out - 1.0) * (y - 1.0)
    loss = -prob.log()
    (loss / data.N).sum().view(1).backward()
    optim.step()
