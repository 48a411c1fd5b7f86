"""A scalar chain, with the math module: sin(x²·w)·exp(-x)."""

import math


def forward(x, w):
    u = x**2
    v = u * w
    s = math.sin(v)
    e = math.exp(-x)
    return s * e


def backward(x, w, upstream):
    u = x**2
    v = u * w
    s = math.sin(v)
    e = math.exp(-x)
    ds = upstream * e
    de = upstream * s
    dv = ds * math.cos(v)
    dw = dv * u
    du = dv * w
    dx = du * 2 * x
    dx += de * -e
    return dx, dw
