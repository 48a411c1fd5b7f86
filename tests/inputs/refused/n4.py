import numpy as np
class Net:
    def __init__(self, d, h, k):
        self.W1 = np.random.randn(d, h)
        self.b1 = np.zeros(h)
        self.W2 = np.random.randn(h, k)
        self.mean = np.zeros(d)
        self.std = np.ones(d)
        self.scale = np.array([2.0])
    def forward(self, x):
        x = (x - self.mean) / self.std
        h = x @ self.W1
        h += self.b1
        h[h < 0] = 0
        return self.scale * (h @ self.W2)
net = Net(4, 8, 3)
