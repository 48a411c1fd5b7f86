import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, d):
        self.dW = self.x.T @ d
        self.db = d.sum(0)
        return d @ self.W.T
class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask
    def backward(self, d):
        return d * self.mask
layers = [Linear(2, 8), ReLU(), Linear(8, 1)]
X = np.random.randn(20, 2)
y = np.random.randn(20, 1)
for epoch in range(100):
    a = X
    for layer in layers:
        a = layer.forward(a)
    loss = np.mean((a - y) ** 2)
    d = 2 * (a - y) / y.size
    for layer in reversed(layers):
        d = layer.backward(d)
    for layer in layers:
        if hasattr(layer, "W"):
            layer.W -= 0.1 * layer.dW
            layer.b -= 0.1 * layer.db
