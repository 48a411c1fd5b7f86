import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def forward_propagate(X, theta1, theta2):
    m = X.shape[0]
    a1 = np.insert(X, 0, values=np.ones(m), axis=1)
    z2 = a1 @ theta1.T
    a2 = np.insert(sigmoid(z2), 0, values=np.ones(m), axis=1)
    z3 = a2 @ theta2.T
    h = sigmoid(z3)
    return a1, z2, a2, z3, h

def serialize(a, b):
    return np.concatenate((np.ravel(a), np.ravel(b)))

def deserialize(seq):
    return seq[:4 * 3].reshape(4, 3), seq[4 * 3:].reshape(3, 5)

def cost(theta, X, y):
    t1, t2 = deserialize(theta)
    m = X.shape[0]
    _, _, _, _, h = forward_propagate(X, t1, t2)
    return np.sum(-y * np.log(h) - (1 - y) * np.log(1 - h)) / m

def gradient(theta, X, y):
    t1, t2 = deserialize(theta)
    m = X.shape[0]
    a1, z2, a2, z3, h = forward_propagate(X, t1, t2)
    d3 = h - y
    s = sigmoid(z2)
    d2 = (d3 @ t2[:, 1:]) * s * (1 - s)
    return serialize(d2.T @ a1 / m, d3.T @ a2 / m)
