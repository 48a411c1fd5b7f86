import numpy as np


class TinyNet:
    """One hidden layer; trained example by example."""

    def __init__(self, n_in=3, n_hidden=4):
        self.W1 = np.random.randn(n_hidden, n_in) * 0.5
        self.b1 = np.zeros(n_hidden)
        self.w2 = np.random.randn(n_hidden) * 0.5
        self.b2 = 0.0

    def predict(self, x):
        h = np.tanh(self.W1 @ x + self.b1)
        return self.w2 @ h + self.b2

    def fit(self, X, y, lr=0.05, epochs=200):
        for epoch in range(epochs):
            total = 0.0
            for xi, yi in zip(X, y):
                z = self.W1 @ xi + self.b1
                h = np.tanh(z)
                y_hat = self.w2 @ h + self.b2
                loss = 0.5 * (y_hat - yi) ** 2
                total += loss

                dy = y_hat - yi
                dw2 = dy * h
                db2 = dy
                dh = dy * self.w2
                dz = dh * (1 - h ** 2)
                dW1 = np.outer(dz, xi)
                db1 = dz

                self.W1 -= lr * dW1
                self.b1 -= lr * db1
                self.w2 -= lr * dw2
                self.b2 -= lr * db2
            if epoch % 50 == 0:
                print(epoch, total / len(X))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 3))
    y = np.sin(X[:, 0])
    TinyNet().fit(X, y)
