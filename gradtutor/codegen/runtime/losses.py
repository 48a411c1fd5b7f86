"""Losses of a batch of scores or numbers, and what they are made of."""

# ruff: noqa: ANN001, ANN201 (printed into scripts, without annotations)

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


def softmax_cross_entropy(z, y, out):
    """Return the mean of -log softmax(z)[y], and write its gradient by z into out."""
    rows, y = np.arange(len(y)), y.astype(int, copy=False)
    np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    chosen = out[rows, y]
    np.exp(out, out=out)
    total = out.sum(axis=1, keepdims=True)
    out /= total
    out[rows, y] -= 1
    out /= len(y)
    return (np.log(total).sum() - chosen.sum()) / len(y)


def one_hot(y, classes):
    """Turn labels (N,) into rows (N, classes) with a single True."""
    return np.expand_dims(y, -1) == np.arange(classes)


def cross_entropy(z, y):
    """Mean of -log softmax(z)[y] over the batch, from the logits z."""
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -np.mean(np.take_along_axis(log_p, np.expand_dims(y, -1).astype(int), -1))


def cross_entropy_slope(z, y):
    """Return (softmax(z) - one_hot(y)) / N, the gradient of the cross-entropy."""
    return (softmax(z) - one_hot(y, z.shape[-1])) / (len(z) if z.ndim > 1 else 1)


def quadratic_cost(a, t):
    """C = 1/(2N) Σ |a - t|² over the N rows (Nielsen 2015, equation 6)."""
    return np.sum((a - t) ** 2) / (2 * (len(a) if a.ndim > 1 else 1))


def binary_cross_entropy(p, t):
    """-mean(t log p + (1 - t) log(1 - p)), each log at least -100, as PyTorch's."""
    yes, no = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    return -np.mean(t * yes + (1 - t) * no)


def bce_with_logits(z, t):
    """Binary cross-entropy from logits: mean(log(1 + exp(z)) - t z), stably."""
    return np.mean(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - t * z)


def nll_loss(p, y):
    """Mean of -log p[y] over the batch, from probabilities p."""
    return -np.mean(
        np.log(np.take_along_axis(p, np.expand_dims(y, -1).astype(int), -1))
    )


def svm_loss(s, y):
    """Mean over rows of the sum of max(0, s[j] - s[y] + 1) over all j but y."""
    own = np.take_along_axis(s, np.expand_dims(y, -1).astype(int), -1)
    return np.mean(np.sum(np.maximum(s - own + 1, 0), axis=-1) - 1)
