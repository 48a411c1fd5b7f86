import numpy as np


def rnn_forward(x, h0, Wx, Wh, b):
    """x: (T, N, D), h0: (N, H), Wx: (D, H), Wh: (H, H), b: (H,)"""
    h, hs = h0, []
    for t in range(x.shape[0]):
        h = np.maximum(0, x[t] @ Wx + h @ Wh + b)
        hs.append(h)
    hs = np.stack(hs)
    return hs, (x, h0, Wx, Wh, hs)


def rnn_backward(dhs, cache):
    x, h0, Wx, Wh, hs = cache
    dx = np.zeros_like(x)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), 0
    carry = np.zeros_like(h0)
    for t in reversed(range(x.shape[0])):
        dh = dhs[t] + carry
        da = dh * (hs[t] > 0)
        before = hs[t - 1] if t > 0 else h0
        dx[t] = da @ Wx.T
        dWx += x[t].T @ da
        dWh += before.T @ da
        db += da.sum(axis=0)
        carry = da @ Wh.T
    return dx, carry, dWx, dWh, db
