"""Sequences, shared arrays, masks and strides, in one file of a student."""

import numpy as np


def rnn_forward(x, h0, Wx, Wh):
    """x: (T, D), h0: (H,), Wx: (D, H), Wh: (H, H)"""
    h, hs = h0, [h0]
    for t in range(len(x)):
        h = np.tanh(x[t] @ Wx + h @ Wh)
        hs.append(h)
    out = np.array(hs[1:])
    return out, (x, hs, Wx, Wh)


def rnn_backward(dout, cache):
    x, hs, Wx, Wh = cache
    dWx, dWh = np.zeros(Wx.shape), np.zeros(Wh.shape)
    dx = np.zeros(x.shape)
    dh_next = np.zeros(hs[0].shape)
    for t in reversed(range(len(x))):
        dh = dout[t] + dh_next
        da = dh * (1 - hs[t + 1] ** 2)
        dWx += np.outer(x[t], da)
        dWh += np.outer(hs[t], da)
        dx[t] = da @ Wx.T
        dh_next = da @ Wh.T
    return dx, dh_next, dWx, dWh


def pair_forward(x, W, U):
    """x: (N, D), W: (D, D), U: (D, D)"""
    a = x @ W
    h = np.tanh(a)
    b = h @ U
    out = np.maximum(b, 0) + np.maximum(a, 0)
    return out, (x, W, U, a, h, b)


def pair_backward(dout, cache):
    x, W, U, a, h, b = cache
    dW, dU = np.zeros_like(W), np.zeros_like(W)
    db = dout * (b > 0)
    dU += h.T @ db
    dh = db @ U.T
    da = dh * (1 - h**2) + dout * (a > 0)
    dW += x.T @ da
    return da @ W.T, dW, dU


def windows_forward(x, w, stride=2):
    """x: (N, L), w: (K,)"""
    K = len(w)
    count = (x.shape[1] - K) // stride + 1
    out = np.zeros((len(x), count))
    for i in range(count):
        out[:, i] = x[:, i * stride : i * stride + K] @ w
    return out, (x, w, stride)


def windows_backward(dout, cache):
    x, w, stride = cache
    K = len(w)
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(dout.shape[1]):
        dx[:, i * stride : i * stride + K] += dout[:, i : i + 1] * w
        dw += dout[:, i] @ x[:, i * stride : i * stride + K]
    return dx, dw


def gated_forward(x, gate):
    """x: (N, D), gate: (N, D)"""
    h = np.tanh(x)
    g = 1 / (1 + np.exp(-gate))
    return h * g, (h, g)


def gated_backward(dout, cache):
    h, g = cache
    dh = g.copy()
    dh *= dout
    dgate = h * dout * g * (1 - g)
    return dh * (1 - h**2), dgate


def lookup_forward(E, ids):
    """E: (V, D), ids: (N, T)"""
    return E[ids], (E.shape, ids)


def lookup_backward(dout, cache):
    shape, ids = cache
    dE = np.zeros(shape)
    np.add.at(dE, ids, dout)
    return dE


def attention_forward(Q, K, V):
    """Q, K, V: (T, D)"""
    S = Q @ K.T
    E = np.exp(S - S.max(axis=-1, keepdims=True))
    A = E / E.sum(axis=-1, keepdims=True)
    return A @ V, (Q, K, V, A)


def attention_backward(dout, cache):
    Q, K, V, A = cache
    dV = A.T @ dout
    dA = dout @ V.T
    dS = A * (dA - (dA * A).sum(axis=-1, keepdims=True))
    return dS @ K, dS.T @ Q, dV
