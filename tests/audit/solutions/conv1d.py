"""A one-dimensional convolution with loops."""

import numpy as np

SHAPES = {"x": (7,), "w": (3,), "b": ()}


def forward(x, w, b):
    n = len(x) - len(w) + 1
    out = np.zeros(n)
    for i in range(n):
        out[i] = np.sum(x[i : i + len(w)] * w) + b
    return out


def backward(x, w, b, dout):
    dx = np.zeros(len(x))
    dw = np.zeros(len(w))
    db = 0.0
    for i in range(len(dout)):
        dx[i : i + len(w)] += dout[i] * w
        dw += dout[i] * x[i : i + len(w)]
        db += dout[i]
    return dx, dw, db
