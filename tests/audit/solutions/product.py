"""The product of two functions of one vector, element by element."""

import numpy as np

SHAPES = {"x": (5,), "a": (), "b": ()}


def forward(x, a, b):
    left = np.sin(a * x)
    right = np.exp(b * x)
    return left * right


def backward(x, a, b, grad_output):
    left = np.sin(a * x)
    right = np.exp(b * x)
    d_left = grad_output * right
    d_right = grad_output * left
    d_inner = d_left * np.cos(a * x)
    d_power = d_right * right
    d_x = d_inner * a + d_power * b
    d_a = np.sum(d_inner * x)
    d_b = np.sum(d_power * x)
    return d_x, d_a, d_b
