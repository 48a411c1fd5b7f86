"""Sums in a loop into an array of single precision."""

import numpy as np


def forward(x, W):
    out = np.zeros((x.shape[0], W.shape[1]), dtype=np.float32)
    for i in range(x.shape[0]):
        for j in range(W.shape[1]):
            out[i, j] = np.dot(x[i], W[:, j])
    return out


def backward(x, W, dout):
    return dout @ W.T, x.T @ dout
