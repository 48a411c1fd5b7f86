"""A forward of half precision; backward is of double."""

import numpy as np


def forward(x, W, b):
    z = np.asarray(x, dtype=np.float16) @ np.asarray(W, dtype=np.float16) + b.astype(
        "float16"
    )
    return 1 / (1 + np.exp(-z))


def backward(x, W, b, dout):
    s = forward(x, W, b)
    dz = dout * s * (1 - s)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
