"""Plain regression: a loss, and its gradient beside it."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_derivative(x):
    return x * (1 - x)


def dtanh(y):
    return 1 - y * y


def tanh(x):
    return np.tanh(x)


def compute_loss(w, b, X, y):
    p = sigmoid(X @ w + b)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def compute_gradient(w, b, X, y):
    p = sigmoid(X @ w + b)
    error = (p - y) / len(y)
    dw = X.T @ error
    db = np.sum(error)
    return dw, db


def mse(y_pred, y_true):
    return np.mean((y_pred - y_true) ** 2)


def mse_grad(y_pred, y_true):
    return 2 * (y_pred - y_true) / y_pred.size
