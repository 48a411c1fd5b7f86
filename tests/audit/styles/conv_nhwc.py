import numpy as np


def conv2d(x, K, b, stride=1, pad=1):
    n, H, W, cin = x.shape
    kh, kw, _, cout = K.shape
    xp = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    oh = (H + 2 * pad - kh) // stride + 1
    ow = (W + 2 * pad - kw) // stride + 1
    out = np.zeros((n, oh, ow, cout))
    for r in range(oh):
        for c in range(ow):
            patch = xp[:, r * stride:r * stride + kh, c * stride:c * stride + kw, :]
            out[:, r, c, :] = np.tensordot(patch, K, axes=3) + b
    return out


def conv2d_backward(dout, x, K, b, stride=1, pad=1):
    n, H, W, cin = x.shape
    kh, kw, _, cout = K.shape
    xp = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dxp = np.zeros_like(xp)
    dK = np.zeros_like(K)
    db = dout.sum(axis=(0, 1, 2))
    for r in range(dout.shape[1]):
        for c in range(dout.shape[2]):
            patch = xp[:, r * stride:r * stride + kh, c * stride:c * stride + kw, :]
            g = dout[:, r, c, :]
            dK += np.tensordot(patch, g, axes=([0], [0]))
            dxp[:, r * stride:r * stride + kh, c * stride:c * stride + kw, :] += np.tensordot(g, K, axes=([1], [3]))
    dx = dxp[:, pad:pad + H, pad:pad + W, :]
    return dx, dK, db


def maxpool(x, size=2):
    n, H, W, c = x.shape
    out = np.zeros((n, H // size, W // size, c))
    for r in range(H // size):
        for s in range(W // size):
            win = x[:, r * size:(r + 1) * size, s * size:(s + 1) * size, :]
            out[:, r, s, :] = win.max(axis=(1, 2))
    return out


def maxpool_backward(dout, x, size=2):
    dx = np.zeros_like(x)
    n, oh, ow, c = dout.shape
    for r in range(oh):
        for s in range(ow):
            win = x[:, r * size:(r + 1) * size, s * size:(s + 1) * size, :]
            top = win.max(axis=(1, 2), keepdims=True)
            mask = win == top
            dx[:, r * size:(r + 1) * size, s * size:(s + 1) * size, :] += mask * dout[:, r:r + 1, s:s + 1, :]
    return dx


def avgpool(x, size=2):
    n, H, W, c = x.shape
    out = np.zeros((n, H // size, W // size, c))
    for r in range(H // size):
        for s in range(W // size):
            out[:, r, s, :] = x[:, r * size:(r + 1) * size, s * size:(s + 1) * size, :].mean(axis=(1, 2))
    return out


def avgpool_backward(dout, x, size=2):
    dx = np.zeros_like(x)
    n, oh, ow, c = dout.shape
    for r in range(oh):
        for s in range(ow):
            share = dout[:, r:r + 1, s:s + 1, :] / (size * size)
            dx[:, r * size:(r + 1) * size, s * size:(s + 1) * size, :] = share
    return dx
