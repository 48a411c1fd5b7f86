"""A gated unit with square matrices: tanh(x W) * sigmoid(x V), summed over features."""

import numpy as np

SHAPES = {"x": (4, 4), "W": (4, 4), "V": (4, 4), "c": (4,)}


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def forward(x, W, V, c):
    a = x @ W + c
    g = x @ V
    t = np.tanh(a)
    s = sigmoid(g)
    return t * s


def backward(x, W, V, c, dh):
    t = np.tanh(x @ W + c)
    s = sigmoid(x @ V)
    dt = dh * s
    ds = dh * t
    da = dt * (1 - t * t)
    dg = ds * s * (1 - s)
    dW = np.matmul(x.T, da)
    dV = np.matmul(x.T, dg)
    dc = da.sum(0)
    dx = np.matmul(da, W.T)
    dx += np.matmul(dg, V.T)
    return dx, dW, dV, dc
