"""Collection of the core mathematical operators used throughout the code base."""
import math
from typing import Callable, Iterable


def mul(x: float, y: float) -> float:
    """$f(x, y) = x * y$"""
    return x * y


def sigmoid(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    else:
        return math.exp(x) / (1.0 + math.exp(x))


def sigmoid_back(x: float, d: float) -> float:
    s = sigmoid(x)
    return d * s * (1 - s)


def relu(x: float) -> float:
    return x if x > 0 else 0.0


EPS = 1e-6


def log(x: float) -> float:
    """$f(x) = log(x)$"""
    return math.log(x + EPS)


def log_back(x: float, d: float) -> float:
    r"""If $f = log$ as above, compute $d \times f'(x)$"""
    return d / (x + EPS)


def inv(x: float) -> float:
    return 1.0 / x


def inv_back(x: float, d: float) -> float:
    return -(1.0 / (x ** 2)) * d


def relu_back(x: float, d: float) -> float:
    return d if x > 0 else 0.0
