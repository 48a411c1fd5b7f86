"""The leaky ReLU and its backward pass."""

import numpy as np


def leaky_relu(x):
    """Return x where it is positive and a tenth of x elsewhere."""
    return np.where(x > 0, x, 0.1 * x)


def backward(x, upstream):
    """Return the gradient of x, given the gradient of leaky_relu(x); both (4, 5)."""
    return upstream * np.where(x > 0, 1.0, 0.1)
