"""Cross-entropy by log-sum-exp, with one-hot targets made on the way."""

import numpy as np

SHAPES = {"z": (4, 3), "y": "4:0..2"}


def forward(z, y):
    top = z.max(axis=1, keepdims=True)
    lse = np.log(np.exp(z - top).sum(axis=1)) + top[:, 0]
    return np.mean(lse - z[np.arange(len(y)), y])


def backward(z, y):
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return (p - np.eye(z.shape[1])[y]) / len(y)
