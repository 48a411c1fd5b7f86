import numpy as np

def rope_forward(x, theta):
    x1, x2 = x[:, ::2], x[:, 1::2]
    c, s = np.cos(theta), np.sin(theta)
    out = np.empty_like(x)
    out[:, ::2] = x1 * c - x2 * s
    out[:, 1::2] = x1 * s + x2 * c
    return out

def rope_backward(dout, x, theta):
    d1, d2 = dout[:, ::2], dout[:, 1::2]
    x1, x2 = x[:, ::2], x[:, 1::2]
    c, s = np.cos(theta), np.sin(theta)
    dx = np.empty_like(x)
    dx[:, ::2] = d1 * c + d2 * s
    dx[:, 1::2] = -d1 * s + d2 * c
    dtheta = d1 * (-x1 * s - x2 * c) + d2 * (x1 * c - x2 * s)
    return dx, dtheta
