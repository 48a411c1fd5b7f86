import numpy as np
class Net:
    def __init__(self, d=4, h=8, k=3):
        self.W1 = np.random.randn(d, h)
        self.W2 = np.random.randn(h, k)
    def forward(self, x):
        return np.tanh(x @ self.W1) @ self.W2
    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2) + self.smooth(x)
    def smooth(self, x):
        return np.sum(np.log(1 - np.tanh(x) ** 2)) * 0
net = Net()
