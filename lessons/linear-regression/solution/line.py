"""The mean squared error of a line, and its backward pass."""

import numpy as np


def loss(w, b, x, y):
    """Return the mean of (w x + b - y) squared; x and y are (6,)."""
    return np.mean((w * x + b - y) ** 2)


def backward(w, b, x, y, upstream):
    """Return the gradients of w and b, given that of the loss: three numbers."""
    e = w * x + b - y
    de = upstream * 2 * e / len(x)
    return np.sum(de * x), np.sum(de)
