import numpy as np

np.random.seed(1)
X = np.random.randn(6, 3)
y = np.array([0, 1, 2, 1, 0, 2])
W1 = np.random.randn(3, 5)
b1 = np.zeros(5)
W2 = np.random.randn(5, 3)
b2 = np.zeros(3)

# forward
z1 = X @ W1 + b1
a1 = np.tanh(z1)
scores = a1 @ W2 + b2
exps = np.exp(scores - scores.max(axis=1, keepdims=True))
probs = exps / exps.sum(axis=1, keepdims=True)
loss = -np.log(probs[np.arange(6), y]).mean()
print("loss", loss)

# backward
dscores = probs.copy()
dscores[np.arange(6), y] -= 1
dscores /= 6
dW2 = a1.T @ dscores
db2 = dscores.sum(axis=0)
da1 = dscores @ W2.T
dz1 = da1 * (1 - a1 ** 2)
dW1 = X.T @ dz1
db1 = dz1.sum(axis=0)

print(dW1, db1, dW2, db2)
