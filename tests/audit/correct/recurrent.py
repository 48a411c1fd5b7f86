"""A recurrent net over time, in lists; gradients run backward through a loop."""

import numpy as np

SHAPES = {"xs": (4, 2), "Wx": (2, 3), "Wh": (3, 3), "h0": (3,)}


def forward(xs, Wx, Wh, h0):
    h, hs = h0, []
    for x in xs:
        h = np.tanh(x @ Wx + h @ Wh)
        hs.append(h)
    return np.stack(hs)


def backward(xs, Wx, Wh, h0, dhs):
    hs = forward(xs, Wx, Wh, h0)
    dxs, dWx, dWh = np.zeros_like(xs), np.zeros_like(Wx), np.zeros_like(Wh)
    dh = np.zeros_like(h0)
    for t in reversed(range(len(xs))):
        before = hs[t - 1] if t else h0
        da = (dh + dhs[t]) * (1 - hs[t] ** 2)
        dWx += np.outer(xs[t], da)
        dWh += np.outer(before, da)
        dxs[t] = Wx @ da
        dh = Wh @ da
    return dxs, dWx, dWh, dh
