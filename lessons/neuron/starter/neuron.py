"""One neuron: weigh, add, compare."""

import numpy as np


def fires(x, w, b):
    """Return 1.0 for every example that makes the neuron fire, else 0.0.

    x: (8, 3), eight examples with three inputs each; w: (3,); b: a number.
    The result has shape (8,).
    """
    # TODO: weigh and add up the inputs, add the bias, compare with zero
    return np.zeros(len(x))
