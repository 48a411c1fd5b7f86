"""einsum, keyword-only style names, a NamedTuple as cache."""

from typing import NamedTuple

import numpy as np

SHAPES = {"x": (4, 3), "weight": (2, 3), "bias": (2,)}


class Cache(NamedTuple):
    x: np.ndarray
    weight: np.ndarray
    y: np.ndarray


def forward(x, weight, bias):
    y = np.tanh(np.einsum("bi,oi->bo", x, weight) + bias)
    return y, Cache(x, weight, y)


def backward(grad_out, cache):
    g = grad_out * (1 - cache.y * cache.y)
    return (
        np.einsum("bo,oi->bi", g, cache.weight),
        np.einsum("bo,bi->oi", g, cache.x),
        np.einsum("bo->o", g),
    )
