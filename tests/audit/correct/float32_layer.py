"""Single precision is right, only coarse."""

import numpy as np

SHAPES = {"x": (3, 4), "w": (4,)}


def forward(x, w):
    return np.maximum(x @ w, 0.1 * (x @ w))


def backward(x, w, upstream):
    x, w, g = (np.asarray(a, dtype=np.float32) for a in (x, w, upstream))
    z = x @ w
    dz = np.where(z > 0, g, np.float32(0.1) * g)
    return np.outer(dz, w), x.T @ dz
