"""Exclusive or, by two hidden neurons with ReLU."""

import numpy as np


def xor(x1, x2):
    """Return relu(x1 + x2) - 2 relu(x1 + x2 - 1), element by element.

    x1, x2: (12,), twelve examples; the result has the same shape.
    """
    # TODO: the sum, then two ReLUs of it, then the last layer
    return x1 + x2
