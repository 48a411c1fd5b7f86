"""One step of Adam."""

import numpy as np

RATE, BETA1, BETA2, EPSILON = 0.01, 0.9, 0.999, 1e-8


def step(theta, gradient, m, v, t):
    """Return the new theta after step number t (the first step has t = 1).

    m and v are the running means of the gradient and of its square before this step.
    """
    # TODO: bring m and v up to date, correct both for their start at 0, and move
    return theta - RATE * gradient
