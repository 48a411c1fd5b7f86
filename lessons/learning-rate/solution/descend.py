"""Four steps down the parabola f(w) = (w - 3) squared."""


def descend(w, rate):
    """Return where gradient descent stands after four steps from w.

    w and rate are arrays of six numbers: six walkers, each with a rate of its own.
    """
    for _ in range(4):
        gradient = 2 * (w - 3)
        w = w - rate * gradient
    return w
