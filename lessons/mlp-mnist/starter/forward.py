"""The forward pass of a network with one hidden layer."""

import numpy as np


def forward(X, W1, b1, W2, b2):
    """Return the logits, one row for each example.

    X has shape (N, D), W1 (D, H), b1 (H,), W2 (H, K), b2 (K,); the result (N, K).
    """
    return np.zeros((len(X), len(b2)))  # TODO: linear, ReLU, linear
