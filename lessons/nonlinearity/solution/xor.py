"""Exclusive or, by two hidden neurons with ReLU."""

import numpy as np


def xor(x1, x2):
    """Return relu(x1 + x2) - 2 relu(x1 + x2 - 1), element by element.

    x1, x2: (12,), twelve examples; the result has the same shape.
    """
    s = x1 + x2
    return np.maximum(s, 0) - 2 * np.maximum(s - 1, 0)
