import numpy as np
import matplotlib.pyplot as plt

np.random.seed(1)
X = np.random.randn(30, 3)
y = (X[:, :1] * X[:, 1:2] > 0).astype(float)

W1 = np.random.randn(3, 6) * 0.5
b1 = np.zeros((1, 6))
W2 = np.random.randn(6, 1) * 0.5
b2 = np.zeros((1, 1))
vW1, vb1, vW2, vb2 = [np.zeros_like(p) for p in (W1, b1, W2, b2)]
lr, mu = 0.1, 0.9

for epoch in range(200):
    z1 = X @ W1 + b1
    a1 = np.tanh(z1)
    z2 = a1 @ W2 + b2
    a2 = 1 / (1 + np.exp(-z2))
    loss = -np.mean(y * np.log(a2) + (1 - y) * np.log(1 - a2))

    dz2 = (a2 - y) / len(X)
    dW2 = a1.T @ dz2
    db2 = dz2.sum(axis=0, keepdims=True)
    da1 = dz2 @ W2.T
    dz1 = da1 * (1 - a1 ** 2)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)

    vW1 = mu * vW1 + lr * dW1
    vb1 = mu * vb1 + lr * db1
    vW2 = mu * vW2 + lr * dW2
    vb2 = mu * vb2 + lr * db2
    W1 -= vW1
    b1 -= vb1
    W2 -= vW2
    b2 -= vb2
    if epoch % 50 == 0:
        print(epoch, loss)
plt.plot([0])
