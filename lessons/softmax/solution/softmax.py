"""Probabilities from very large logits."""

import numpy as np


def probabilities(z):
    """Return the softmax of each row of 1000 z; z and the result are (4, 5)."""
    logits = 1000 * z
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
