"""One step of Adam."""

import numpy as np

RATE, BETA1, BETA2, EPSILON = 0.01, 0.9, 0.999, 1e-8


def step(theta, gradient, m, v, t):
    """Return the new theta after step number t (the first step has t = 1).

    m and v are the running means of the gradient and of its square before this step.
    """
    m = BETA1 * m + (1 - BETA1) * gradient
    v = BETA2 * v + (1 - BETA2) * gradient**2
    m_hat = m / (1 - BETA1**t)
    v_hat = v / (1 - BETA2**t)
    return theta - RATE * m_hat / (np.sqrt(v_hat) + EPSILON)
