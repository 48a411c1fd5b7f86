"""A layer of a network: a = tanh(x @ W + b)."""

import numpy as np


def backward(x, W, b, upstream):
    """Return dx, dW, db, each with the shape of x, W and b.

    x has shape (N, D), W (D, M), b (M,); upstream is the gradient at a, (N, M).
    """
    a = np.tanh(x @ W + b)  # (N, M)
    dz = upstream * (1 - a**2)  # (N, M)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
