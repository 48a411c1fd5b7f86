import numpy as np
X = np.random.randn(20, 4)
y = np.random.randn(20, 1)
W1 = np.random.randn(4, 8)
W2 = np.random.randn(8, 1)
for i in range(100):
    h = np.tanh(X @ W1)
    out = h @ W2
    err = out - y
    W2 -= 0.01 * h.T @ err
    W1 -= 0.01 * X.T @ ((err @ W2.T) * (1 - h ** 2))
    h = np.tanh(X @ W1)
    out = np.tanh(h @ W2)
    print(np.mean(out))
