"""The gradient of a mini-batch."""


def gradient(w, X, y):
    """Return the gradient by w of the mean of (X @ w - y)**2 over the batch.

    w has shape (D,), X (B, D) with one example in a row, y (B,).
    """
    error = X @ w - y  # (B,)
    return 2 * X.T @ error / len(y)  # (D,)
