"""A convolution with sliding windows; the gradient folds them back with np.add.at."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

SHAPES = {"x": (2, 6), "w": (2, 3)}


def forward(x, w):
    return np.einsum("cik,ck->i", sliding_window_view(x, 3, axis=1), w)


def backward(x, w, dout):
    windows = sliding_window_view(x, 3, axis=1)
    dw = np.einsum("cik,i->ck", windows, dout)
    dwindows = dout[None, :, None] * w[:, None, :]
    dx = np.zeros_like(x)
    rows, starts, offsets = np.indices(dwindows.shape)
    np.add.at(dx, (rows, starts + offsets), dwindows)
    return {"dx": dx, "dw": dw}
