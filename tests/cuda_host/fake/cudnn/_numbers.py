"""The three convolutions in NumPy: sums in float64 over images (N, C, H, W)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def cut(x, w_shape, attrs):
    """Return the windows of x, one group after the other: (N, g, C/g, P, Q, kh, kw)."""
    (top, left), (sh, sw), (dh, dw) = (
        attrs["padding"],
        attrs["stride"],
        attrs["dilation"],
    )
    wide = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    kh, kw = w_shape[2:]
    reach = (dh * (kh - 1) + 1, dw * (kw - 1) + 1)
    windows = sliding_window_view(wide, reach, (2, 3))[:, :, ::sh, ::sw, ::dh, ::dw]
    part = w_shape[1]
    return windows.reshape(len(x), x.shape[1] // part, part, *windows.shape[2:])


def grouped(array, groups, axis):
    """Split an axis into (groups, rest)."""
    shape = array.shape
    return array.reshape(*shape[:axis], groups, -1, *shape[axis + 1 :])


def conv_fprop(x, w, _, attrs):
    """y[n, o, p, q] = Σ w[o, c, i, j] x[n, c, p·s + i·d, q·s + j·d]."""
    groups = x.shape[1] // w.shape[1]
    windows = cut(x, w.shape, attrs)
    y = np.einsum("ngcpqij,gocij->ngopq", windows, grouped(w, groups, 0))
    return y.reshape(len(x), w.shape[0], *y.shape[3:])


def conv_wgrad(x, w, y, attrs):
    """dw[o, c, i, j] = Σ y[n, o, p, q] x[n, c, p·s + i·d, q·s + j·d]."""
    groups = x.shape[1] // w.shape[1]
    windows = cut(x, w.shape, attrs)
    dw = np.einsum("ngcpqij,ngopq->gocij", windows, grouped(y, groups, 1))
    return dw.reshape(w.shape)


def conv_dgrad(x, w, y, attrs):
    """dx[n, c, p·s + i·d, q·s + j·d] = Σ w[o, c, i, j] y[n, o, p, q], tap by tap."""
    (top, left), (sh, sw), (dh, dw) = (
        attrs["padding"],
        attrs["stride"],
        attrs["dilation"],
    )
    N, C, H, W = x.shape
    P, Q = y.shape[2:]
    groups = C // w.shape[1]
    wide = np.zeros((N, C, H + 2 * top, W + 2 * left))
    kernel, above = grouped(w, groups, 0), grouped(y, groups, 1)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            sent = np.einsum("goc,ngopq->ngcpq", kernel[..., i, j], above)
            rows = slice(i * dh, i * dh + (P - 1) * sh + 1, sh)
            columns = slice(j * dw, j * dw + (Q - 1) * sw + 1, sw)
            wide[:, :, rows, columns] += sent.reshape(N, C, P, Q)
    return wide[:, :, top : top + H, left : left + W]


def as_tf32(x):
    """Round float32 to the 10 bits of significand that TF32 has."""
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + 0x1000) & 0xFFFFE000).view(np.float32)
