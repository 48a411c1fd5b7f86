import numpy as np

SHAPES = {"v": (3, 2), "g": (2,)}


def groupnorm_forward(x, gamma, beta, G=2, eps=1e-5):
    N, C, L = x.shape
    xg = x.reshape(N, G, C // G * L)
    mean = xg.mean(axis=2, keepdims=True)
    var = xg.var(axis=2, keepdims=True)
    istd = 1 / np.sqrt(var + eps)
    xhat = ((xg - mean) * istd).reshape(N, C, L)
    out = xhat * gamma[:, None] + beta[:, None]
    return out, (xhat, istd, gamma, G)


def groupnorm_backward(dout, cache):
    xhat, istd, gamma, G = cache
    N, C, L = dout.shape
    dbeta = dout.sum(axis=(0, 2))
    dgamma = (dout * xhat).sum(axis=(0, 2))
    dxhat = (dout * gamma[:, None]).reshape(N, G, -1)
    xh = xhat.reshape(N, G, -1)
    m1 = dxhat.mean(axis=2, keepdims=True)
    m2 = (dxhat * xh).mean(axis=2, keepdims=True)
    dx = istd * (dxhat - m1 - xh * m2)
    return dx.reshape(N, C, L), dgamma, dbeta


def dropout2d_forward(x, dropout_param):
    p, seed = dropout_param["p"], dropout_param["seed"]
    rng = np.random.default_rng(seed)
    mask = (rng.random((x.shape[0], x.shape[1], 1)) < p) / p
    return x * mask, (mask, p)


def dropout2d_backward(dout, cache):
    mask, p = cache
    return dout * mask


def weightnorm_forward(x, v, g):
    norm = np.sqrt(np.sum(v ** 2, axis=0))
    w = g * v / norm
    return x @ w, (x, v, g, norm, w)


def weightnorm_backward(dout, cache):
    x, v, g, norm, w = cache
    dw = x.T @ dout
    dx = dout @ w.T
    dg = np.sum(dw * v, axis=0) / norm
    dv = g / norm * dw - g * v * np.sum(dw * v, axis=0) / norm ** 3
    return dx, dv, dg
