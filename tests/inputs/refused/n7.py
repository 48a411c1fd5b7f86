import numpy as np
X = np.random.randn(20, 4)
y = np.random.randn(20, 3)
W1 = np.random.randn(4, 8)
W2 = np.random.randn(8, 3)
for i in range(100):
    h = X @ W1
    h = np.tanh(h)
    if True:
        h = h * 2
    out = h @ W2
    loss = 0.5 * np.sum((out - y) ** 2)
    err = out - y
    W2 -= 0.01 * h.T @ err
    W1 -= 0.01 * X.T @ ((err @ W2.T) * (1 - h ** 2))
