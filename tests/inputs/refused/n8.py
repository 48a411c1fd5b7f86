import numpy as np
X = np.random.randn(20, 4)
y = np.random.randn(20, 3)
W = np.random.randn(4, 3)
for i in range(100):
    out = X @ W
    loss = np.sqrt(np.mean((out - y) ** 2))
    d = (out - y) / (loss * y.size)
    W -= 0.01 * X.T @ d
