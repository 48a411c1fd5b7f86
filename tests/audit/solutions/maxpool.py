"""A scaled max-pool over pairs: the gradient goes to the winners."""

import numpy as np

SHAPES = {"x": (3, 8), "scale": (3, 1)}


def forward(x, scale):
    y = x * scale
    pairs = y.reshape(3, 4, 2)
    return pairs.max(axis=2)


def backward(x, scale, upstream):
    y = x * scale
    pairs = y.reshape(3, 4, 2)
    best = pairs.max(axis=2, keepdims=True)
    mask = pairs == best
    dpairs = upstream[:, :, None] * mask
    dy = dpairs.reshape(3, 8)
    dx = dy * scale
    dscale = np.sum(dy * x, axis=1, keepdims=True)
    return dx, dscale
