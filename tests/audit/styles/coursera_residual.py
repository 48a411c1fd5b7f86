import numpy as np

SHAPES = {"X": (3, 5), "Y": (2, 5), "W1": (4, 3), "b1": (4, 1), "W2": (4, 4), "b2": (4, 1), "W3": (2, 4), "b3": (2, 1)}


def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    W3 = parameters["W3"]
    b3 = parameters["b3"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = np.maximum(0, Z2 + A1)
    Z3 = np.dot(W3, A2) + b3
    cache = (Z1, A1, Z2, A2, Z3)
    return Z3, cache


def compute_cost(Z3, Y):
    m = Y.shape[1]
    return np.sum((Z3 - Y) ** 2) / (2 * m)


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    (Z1, A1, Z2, A2, Z3) = cache
    W2 = parameters["W2"]
    W3 = parameters["W3"]
    dZ3 = (Z3 - Y) / m
    dW3 = np.dot(dZ3, A2.T)
    db3 = np.sum(dZ3, axis=1, keepdims=True)
    dA2 = np.dot(W3.T, dZ3)
    dZ2 = dA2 * (A2 > 0)
    dW2 = np.dot(dZ2, A1.T)
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2) + dZ2
    dZ1 = dA1 * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dW3": dW3, "db3": db3}
    return grads
