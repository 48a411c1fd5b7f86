import numpy as np


def rms_norm(x, g, eps=1e-6):
    ms = (x ** 2).mean(axis=-1, keepdims=True)
    r = np.sqrt(ms + eps)
    y = x / r
    return g * y


def rms_norm_backward(dout, x, g, eps=1e-6):
    D = x.shape[-1]
    ms = (x ** 2).mean(axis=-1, keepdims=True)
    r = np.sqrt(ms + eps)
    y = x / r
    dg = (dout * y).sum(axis=0)
    dy = dout * g
    dr = -(dy * x).sum(axis=-1, keepdims=True) / r ** 2
    dms = dr / (2 * r)
    dx = dy / r + dms * 2 * x / D
    return dx, dg


def instance_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=(2, 3), keepdims=True)
    xc = x - mu
    var = (xc ** 2).mean(axis=(2, 3), keepdims=True)
    std = np.sqrt(var + eps)
    xn = xc / std
    out = gamma[None, :, None, None] * xn + beta[None, :, None, None]
    return out, (xc, std, xn, gamma)


def instance_norm_backward(dout, cache):
    xc, std, xn, gamma = cache
    M = dout.shape[2] * dout.shape[3]
    dbeta = dout.sum(axis=(0, 2, 3))
    dgamma = (dout * xn).sum(axis=(0, 2, 3))
    dxn = dout * gamma[None, :, None, None]
    dstd = -(dxn * xc).sum(axis=(2, 3), keepdims=True) / std ** 2
    dvar = dstd / (2 * std)
    dxc = dxn / std + dvar * 2 * xc / M
    dx = dxc - dxc.mean(axis=(2, 3), keepdims=True)
    return dx, dgamma, dbeta
