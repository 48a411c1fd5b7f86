import numpy as np


def im2col(x, k, stride):
    N, C, H, W = x.shape
    oh, ow = (H - k) // stride + 1, (W - k) // stride + 1
    cols = np.zeros((N, oh, ow, C, k, k))
    for i in range(k):
        for j in range(k):
            cols[:, :, :, :, i, j] = x[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride].transpose(0, 2, 3, 1)
    return cols.reshape(N * oh * ow, -1)


def col2im(cols, shape, k, stride):
    N, C, H, W = shape
    oh, ow = (H - k) // stride + 1, (W - k) // stride + 1
    cols = cols.reshape(N, oh, ow, C, k, k)
    x = np.zeros(shape)
    for i in range(k):
        for j in range(k):
            x[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride] += cols[:, :, :, :, i, j].transpose(0, 3, 1, 2)
    return x


def conv_forward(x, w, b, conv_param):
    stride = conv_param["stride"]
    N, C, H, W = x.shape
    F, _, k, _ = w.shape
    oh, ow = (H - k) // stride + 1, (W - k) // stride + 1
    cols = im2col(x, k, stride)
    out = cols @ w.reshape(F, -1).T + b
    out = out.reshape(N, oh, ow, F).transpose(0, 3, 1, 2)
    return out, (x.shape, w, cols, stride)


def conv_backward(dout, cache):
    shape, w, cols, stride = cache
    F, _, k, _ = w.shape
    dflat = dout.transpose(0, 2, 3, 1).reshape(-1, F)
    db = dflat.sum(axis=0)
    dw = (dflat.T @ cols).reshape(w.shape)
    dcols = dflat @ w.reshape(F, -1)
    dx = col2im(dcols, shape, k, stride)
    return dx, dw, db


def max_pool_forward(x, pool_param):
    k, s = pool_param["pool_size"], pool_param["stride"]
    N, C, H, W = x.shape
    oh, ow = (H - k) // s + 1, (W - k) // s + 1
    out = np.zeros((N, C, oh, ow))
    for i in range(oh):
        for j in range(ow):
            out[:, :, i, j] = x[:, :, i * s:i * s + k, j * s:j * s + k].max(axis=(2, 3))
    return out, (x, k, s)


def max_pool_backward(dout, cache):
    x, k, s = cache
    N, C, oh, ow = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for ch in range(C):
            for i in range(oh):
                for j in range(ow):
                    window = x[n, ch, i * s:i * s + k, j * s:j * s + k]
                    r, c = np.unravel_index(window.argmax(), window.shape)
                    dx[n, ch, i * s + r, j * s + c] += dout[n, ch, i, j]
    return dx
