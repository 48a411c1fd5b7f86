import numpy as np
X = np.random.randn(20, 6)
y = np.random.randn(20, 3)
W1 = np.random.randn(6, 8)
W2 = np.random.randn(8, 3)
for i in range(100):
    h = np.tanh(X[:, ::-1] @ W1)
    out = h @ W2
    err = np.abs(out - y).mean()
    d = np.sign(out - y) / y.size
    dz = (d @ W2.T) * (1 - h ** 2)
    W2 -= 0.01 * h.T @ d
    W1 -= 0.01 * X[:, ::-1].T @ dz
