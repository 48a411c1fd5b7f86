import numpy as np


class PoissonRegression:
    def __init__(self, lr=0.01, epochs=100):
        self.lr, self.epochs = lr, epochs

    def fit(self, X, y):
        n, d = X.shape
        self.w = np.zeros(d)
        self.b = 0.0
        m_w, v_w = np.zeros(d), np.zeros(d)
        m_b, v_b = 0.0, 0.0
        for t in range(1, self.epochs + 1):
            eta = X @ self.w + self.b
            rate = np.exp(eta)
            loss = np.mean(rate - y * eta)
            err = (rate - y) / n
            dw = X.T @ err
            db = err.sum()
            m_w = 0.9 * m_w + 0.1 * dw
            v_w = 0.999 * v_w + 0.001 * dw ** 2
            m_b = 0.9 * m_b + 0.1 * db
            v_b = 0.999 * v_b + 0.001 * db ** 2
            mh_w, vh_w = m_w / (1 - 0.9 ** t), v_w / (1 - 0.999 ** t)
            mh_b, vh_b = m_b / (1 - 0.9 ** t), v_b / (1 - 0.999 ** t)
            self.w -= self.lr * mh_w / (np.sqrt(vh_w) + 1e-8)
            self.b -= self.lr * mh_b / (np.sqrt(vh_b) + 1e-8)
        return self
