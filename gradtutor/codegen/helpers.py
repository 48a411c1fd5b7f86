"""NumPy functions that a gate's text may call; a script gets those it needs."""

# ruff: noqa: ANN001, ANN201 (their text is printed into scripts, without annotations)

import math

import numpy as np


def softmax(z, axis=-1):
    """Exponentials that sum to 1; max(z) is subtracted so that none overflows."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def logsumexp(z, axis=None, keepdims=False):
    """log(sum(exp(z))), with max(z) taken out so that nothing overflows."""
    top = z.max(axis=axis, keepdims=True)
    total = np.log(np.exp(z - top).sum(axis=axis, keepdims=True)) + top
    return total if keepdims else total.squeeze(axis=axis)


def one_hot(y, classes):
    """Turn labels (N,) into rows (N, classes) with a single True."""
    return np.expand_dims(y, -1) == np.arange(classes)


def cross_entropy(z, y):
    """Mean of -log softmax(z)[y] over the batch, from the logits z."""
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -np.mean(np.take_along_axis(log_p, np.expand_dims(y, -1).astype(int), -1))


def quadratic_cost(a, t):
    """C = 1/(2N) Σ |a - t|² over the N rows (Nielsen 2015, equation 6)."""
    return np.sum((a - t) ** 2) / (2 * (len(a) if a.ndim > 1 else 1))


def size(x, axes):
    """Count the elements along some axes."""
    return np.prod(np.take(x.shape, axes))


def erf(x):
    """Return the error function, which NumPy lacks."""
    return np.vectorize(math.erf, otypes=[float])(x)
