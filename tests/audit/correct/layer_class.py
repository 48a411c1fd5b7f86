"""A layer with parameters as attributes; gradients are stored on it."""

import numpy as np


class Linear:
    def __init__(self):
        self.W = np.zeros((3, 2))
        self.b = np.zeros(2)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T
