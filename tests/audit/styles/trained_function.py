import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def compute_loss(model, X, y, reg_lambda):
    W1, b1, W2, b2 = model["W1"], model["b1"], model["W2"], model["b2"]
    a1 = np.maximum(0, X.dot(W1) + b1)
    probs = softmax(a1.dot(W2) + b2)
    loss = -np.log(probs[np.arange(len(y)), y]).mean()
    return loss + 0.5 * reg_lambda * (np.sum(W1 ** 2) + np.sum(W2 ** 2))


def train(X, y, hidden=8, reg_lambda=0.01, lr=0.1, epochs=500):
    rng = np.random.RandomState(1)
    n, d = X.shape
    k = y.max() + 1
    W1 = rng.randn(d, hidden) * 0.1
    b1 = np.zeros(hidden)
    W2 = rng.randn(hidden, k) * 0.1
    b2 = np.zeros(k)
    for epoch in range(epochs):
        a1 = np.maximum(0, X.dot(W1) + b1)
        probs = softmax(a1.dot(W2) + b2)

        dz2 = probs.copy()
        dz2[np.arange(n), y] -= 1
        dz2 /= n
        dW2 = a1.T.dot(dz2) + reg_lambda * W2
        db2 = dz2.sum(axis=0)
        da1 = dz2.dot(W2.T)
        da1[a1 <= 0] = 0
        dW1 = X.T.dot(da1) + reg_lambda * W1
        db1 = da1.sum(axis=0)

        W1 -= lr * dW1
        b1 -= lr * db1
        W2 -= lr * dW2
        b2 -= lr * db2
        if epoch % 100 == 0:
            model = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
            print(epoch, compute_loss(model, X, y, reg_lambda))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
