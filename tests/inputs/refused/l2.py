import numpy as np
X = np.random.randn(20, 4)
y = np.random.randn(20, 3)
shift = np.random.randn(20, 8)
W1 = np.random.randn(4, 8)
W2 = np.random.randn(8, 3)
for i in range(100):
    z = X @ W1
    h = np.tanh(z - shift)
    out = h @ W2
    loss = np.sum((out - y) ** 2) / len(y)
    d = 2 * (out - y) / len(y)
    g2 = h.T @ d
    dz = (d @ W2.T) * (1 - h ** 2)
    W2 -= 0.01 * g2
    W1 -= 0.01 * X.T @ dz
