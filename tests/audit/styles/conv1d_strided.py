import numpy as np


def conv1d_forward(x, w, b, stride=1):
    N, C, L = x.shape
    F, _, K = w.shape
    T = (L - K) // stride + 1
    out = np.zeros((N, F, T))
    for t in range(T):
        window = x[:, :, t * stride:t * stride + K]
        out[:, :, t] = np.tensordot(window, w, axes=([1, 2], [1, 2])) + b
    return out, (x, w, stride)


def conv1d_backward(dout, cache):
    x, w, stride = cache
    K = w.shape[2]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    db = dout.sum(axis=(0, 2))
    for t in range(dout.shape[2]):
        window = x[:, :, t * stride:t * stride + K]
        dw += np.tensordot(dout[:, :, t], window, axes=([0], [0]))
        dx[:, :, t * stride:t * stride + K] += np.tensordot(dout[:, :, t], w, axes=([1], [0]))
    return dx, dw, db
