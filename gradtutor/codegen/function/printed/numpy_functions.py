"""Functions of a module in NumPy where scripts have others; read as text only."""

import numpy as np


def one_hot(y, classes):
    """Turn labels (N,) into rows (N, classes) with a single 1."""
    return (np.expand_dims(y, -1) == np.arange(classes)) * 1.0
