import numpy as np
X = np.random.randn(20, 4)
y = np.random.randn(20, 1)
W1 = np.random.randn(4, 8)
b1 = np.random.randn(8)
W2 = np.random.randn(8, 1)
for i in range(100):
    h, z = X @ W1 + b1, 0
    h = np.maximum(0, h)
    out = h @ W2
    err = out - y
    W2 -= 0.01 * h.T @ err
    d = (err @ W2.T) * (h > 0)
    W1 -= 0.01 * X.T @ d
    b1 -= 0.01 * d.sum(0)
