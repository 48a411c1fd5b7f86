import numpy as np


class Softplus:
    def __init__(self):
        self.x = None

    def forward(self, x):
        self.x = x
        return np.log(1 + np.exp(x))

    def backward(self, dout):
        return dout / (1 + np.exp(-self.x))


class Swish:
    def __init__(self, beta=1.5):
        self.beta = beta

    def forward(self, x):
        self.x = x
        self.sig = 1 / (1 + np.exp(-self.beta * x))
        self.out = x * self.sig
        return self.out

    def backward(self, dout):
        dx = self.sig + self.beta * self.out * (1 - self.sig)
        return dout * dx


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx


class MeanSquaredLoss:
    def forward(self, y, t):
        self.y, self.t = y, t
        return 0.5 * np.sum((y - t) ** 2) / y.shape[0]

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        return dout * (self.y - self.t) / batch_size


class SigmoidWithLoss:
    def forward(self, x, t):
        self.t = t
        self.y = 1 / (1 + np.exp(-x))
        return -np.mean(t * np.log(self.y) + (1 - t) * np.log(1 - self.y))

    def backward(self, dout=1):
        dx = (self.y - self.t) * dout / self.t.size
        return dx
