"""One step of gradient descent."""


def step(theta, gradient, rate):
    """Return the new theta; the given one stays as it is."""
    return theta - rate * gradient
