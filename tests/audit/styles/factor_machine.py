import numpy as np


def fm_forward(X, w0, w, V):
    linear = w0 + X @ w
    XV = X @ V
    pair = 0.5 * ((XV ** 2) - (X ** 2) @ (V ** 2)).sum(axis=1)
    return linear + pair


def fm_backward(X, w0, w, V, dout):
    XV = X @ V
    dw0 = dout.sum()
    dw = X.T @ dout
    g = dout[:, None]
    dV = X.T @ (g * XV) - V * ((X ** 2).T @ g)
    dX = g * w + g * (XV @ V.T) - g * X * (V ** 2).sum(axis=1)
    return dX, dw0, dw, dV
