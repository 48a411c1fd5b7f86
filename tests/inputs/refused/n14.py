import numpy as np
class Net:
    def __init__(self, d=4, h=8, k=3):
        self.W1 = np.random.randn(d, h)
        self.W2 = np.random.randn(h, k)
    def forward(self, x):
        return np.tanh(x @ self.W1) @ self.W2
    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)
    def data(self):
        return np.log(1 - 0.5)
net = Net()
