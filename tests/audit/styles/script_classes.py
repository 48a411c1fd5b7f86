import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(12, 3))
labels = rng.integers(0, 4, size=12)
T = np.eye(4)[labels]
W_in = 0.3 * rng.normal(size=(3, 5))
b_in = np.zeros(5)
W_out = 0.3 * rng.normal(size=(5, 4))
b_out = np.zeros(4)
lr = 0.1

for epoch in range(50):
    pre = X @ W_in + b_in
    hid = np.tanh(pre)
    scores = hid @ W_out + b_out
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.sum(T * np.log(probs), axis=1))

    dscores = (probs - T) / X.shape[0]
    dW_out = hid.T @ dscores
    db_out = dscores.sum(axis=0)
    dhid = dscores @ W_out.T
    dpre = dhid * (1 - hid ** 2)
    dW_in = X.T @ dpre
    db_in = dpre.sum(axis=0)

    W_in -= lr * dW_in
    b_in -= lr * db_in
    W_out -= lr * dW_out
    b_out -= lr * db_out
