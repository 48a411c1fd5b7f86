import numpy as np
class NeuralNetwork:
    def __init__(self, sizes):
        self.W = [np.random.randn(a, b) * 0.1 for a, b in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(b) for b in sizes[1:]]
    def forward(self, x):
        for W, b in zip(self.W[:-1], self.b[:-1]):
            x = np.maximum(0, x @ W + b)
        return x @ self.W[-1] + self.b[-1]
net = NeuralNetwork([2, 8, 1])
