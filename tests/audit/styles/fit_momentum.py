import numpy as np


class SoftmaxRegression:
    def __init__(self, lr=0.1, momentum=0.9, reg=0.01, n_iter=50):
        self.lr, self.momentum, self.reg, self.n_iter = lr, momentum, reg, n_iter

    def fit(self, X, Y):
        n, d = X.shape
        k = Y.shape[1]
        self.W = np.random.randn(d, k) * 0.01
        self.b = np.zeros(k)
        vW, vb = np.zeros((d, k)), np.zeros(k)
        self.losses = []
        for _ in range(self.n_iter):
            z = X @ self.W + self.b
            z = z - z.max(axis=1, keepdims=True)
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            loss = -np.mean(np.sum(Y * np.log(p), axis=1)) + 0.5 * self.reg * np.sum(self.W ** 2)
            self.losses.append(loss)
            dz = (p - Y) / n
            dW = X.T @ dz + self.reg * self.W
            db = dz.sum(axis=0)
            vW = self.momentum * vW - self.lr * dW
            vb = self.momentum * vb - self.lr * db
            self.W += vW
            self.b += vb
        return self
