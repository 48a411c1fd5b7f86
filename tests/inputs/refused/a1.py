import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 4))
y = rng.normal(size=(20, 3))
W = rng.normal(size=(4, 3))
lr, reg = 0.1, 0.01
for i in range(100):
    out = X @ W
    loss = np.mean((out - y) ** 2) + 0.5 * reg * np.sum(W * W)
    d = 2 * (out - y) / y.size
    dW = X.T @ d
    dW_reg = reg * W
    dW = dW + dW_reg
    W -= lr * dW
