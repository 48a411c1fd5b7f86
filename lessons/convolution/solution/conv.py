"""A convolution in one dimension: forward given, backward yours."""

import numpy as np


def forward(x, w):
    """Slide w over x: x has shape (C, L), w (O, C, K), the result (O, L - K + 1)."""
    K = w.shape[2]
    places = range(x.shape[1] - K + 1)
    return np.stack([(w * x[:, i : i + K]).sum(axis=(1, 2)) for i in places], axis=1)


def backward(x, w, upstream):
    """Return dx and dw; upstream has the shape of the result, (O, L - K + 1)."""
    K = w.shape[2]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(upstream.shape[1]):
        g = upstream[:, i].reshape(-1, 1, 1)  # (O, 1, 1)
        dw += g * x[:, i : i + K]  # (O, C, K)
        dx[:, i : i + K] += (g * w).sum(axis=0)  # (C, K)
    return dx, dw
