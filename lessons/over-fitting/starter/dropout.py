"""Dropout: forward given, backward yours."""


def forward(h, mask, keep):
    """Return h where mask is 1, and 0 where it is 0, scaled so that the mean stays."""
    return h * mask / keep


def backward(upstream, mask, keep):
    """Return the gradient at h, for the mask of the forward pass."""
    return upstream  # TODO: what did forward do to h?
