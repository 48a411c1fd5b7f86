"""Scalars, lambdas, and log, which needs positive numbers."""

import math

forward = lambda a, b: math.log(a) * b + a**b  # noqa: E731
backward = lambda a, b, g: [  # noqa: E731
    g * (b / a + b * a ** (b - 1)),
    g * (math.log(a) + a**b * math.log(a)),
]
