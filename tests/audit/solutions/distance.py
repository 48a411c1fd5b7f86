"""The distance of two points, with a hinge: max(0, margin - |p - q|)."""

import numpy as np

SHAPES = {"p": (4,), "q": (4,), "margin": ()}


def forward(p, q, margin):
    d = p - q
    n2 = np.sum(d**2)
    n = np.sqrt(n2)
    soft = np.log(1 + np.exp(margin - n))
    return soft * np.maximum(n, 3)


def backward(p, q, margin, upstream):
    d = p - q
    n2 = np.sum(d**2)
    n = np.sqrt(n2)
    a = np.exp(margin - n)
    soft = np.log(1 + a)
    top = np.maximum(n, 3)
    d_soft = upstream * top
    d_top = upstream * soft
    d_inside = d_soft * a / (1 + a)
    d_n = -d_inside
    d_n = d_n + d_top * (n > 3)
    d_n2 = d_n / (2 * n)
    d_d = d_n2 * 2 * d
    return d_d, -d_d, d_inside
