import numpy as np


class LogisticRegressionGD:
    """Logistic regression classifier using gradient descent."""

    def __init__(self, lr=0.05, n_iter=100, lam=0.01):
        self.lr = lr
        self.n_iter = n_iter
        self.lam = lam

    def _loss(self, w, b, X, y):
        z = X @ w + b
        p = 1 / (1 + np.exp(-z))
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + self.lam / 2 * np.sum(w ** 2)

    def _gradient(self, w, b, X, y):
        z = X @ w + b
        p = 1 / (1 + np.exp(-z))
        n = len(y)
        dw = X.T @ (p - y) / n + self.lam * w
        db = np.mean(p - y)
        return dw, db

    def fit(self, X, y):
        w, b = np.zeros(X.shape[1]), 0.0
        for _ in range(self.n_iter):
            dw, db = self._gradient(w, b, X, y)
            w -= self.lr * dw
            b -= self.lr * db
        self.w_, self.b_ = w, b
        return self
