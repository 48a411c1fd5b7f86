"""One head of attention: softmax(q kᵀ / √d) v."""

import numpy as np

SHAPES = {"q": (3, 4), "k": (5, 4), "v": (5, 2)}


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def forward(q, k, v):
    d = q.shape[-1]
    scores = q @ k.T / np.sqrt(d)
    weights = softmax(scores)
    return weights @ v


def backward(q, k, v, upstream):
    scale = 1 / np.sqrt(q.shape[-1])
    weights = softmax(q @ k.T * scale)
    dv = weights.T @ upstream
    dweights = upstream @ v.T
    inner = np.sum(dweights * weights, axis=-1, keepdims=True)
    dscores = weights * (dweights - inner)
    dscores = dscores * scale
    dq = dscores @ k
    dk = dscores.T @ q
    return dq, dk, dv
