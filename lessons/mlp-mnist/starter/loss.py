"""The cross-entropy of a batch, from the logits."""

import numpy as np


def loss(Z, y):
    """Return the mean over the batch of -log softmax(Z)[label].

    Z has shape (N, K); y holds N labels, whole numbers from 0 to K - 1.
    """
    right = Z[np.arange(len(Z)), y.astype(int)]  # (N,), the logit of the true class
    return -np.mean(right)  # TODO: and the log of the sum of the exponentials
