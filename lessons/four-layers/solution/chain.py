"""Four layers of one neuron: a = sigmoid(w * what comes before)."""

import numpy as np


def sigmoid(z):
    """Squash every number into (0, 1)."""
    return 1 / (1 + np.exp(-z))


def backward(x, w1, w2, w3, w4, upstream):
    """Return dw1, dw2, dw3, dw4; upstream is the gradient that arrives at a4.

    All are arrays of one shape: each place is an independent chain.
    """
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    a3 = sigmoid(w3 * a2)
    a4 = sigmoid(w4 * a3)
    d4 = upstream * a4 * (1 - a4)  # the gradient at z4 = w4 * a3
    d3 = d4 * w4 * a3 * (1 - a3)
    d2 = d3 * w3 * a2 * (1 - a2)
    d1 = d2 * w2 * a1 * (1 - a1)
    return d1 * x, d2 * a1, d3 * a2, d4 * a3
