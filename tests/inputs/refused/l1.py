import numpy as np
X = np.random.randn(20, 4)
y = np.random.randn(20, 1)
W1 = np.random.randn(4, 8)
b1 = np.zeros(8)
W2 = np.random.randn(8, 1)
for i in range(100):
    h = X @ W1
    h += b1
    h[h < 0] = 0
    out = h @ W2
    err = out - y
    g2 = h.T @ err
    d = err @ W2.T
    d[h <= 0] = 0
    W2 -= 0.01 * g2
    W1 -= 0.01 * X.T @ d
    b1 -= 0.01 * d.sum(0)
