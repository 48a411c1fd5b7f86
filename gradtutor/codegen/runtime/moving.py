"""What moves numbers: padding, windows, and back; x is (C, L, N) or (C, H, W, N)."""

# ruff: noqa: ANN001, ANN201 (printed into scripts, without annotations)

import numpy as np


def pad(x, widths, value=0.0):
    """Put (before, after[, between]) numbers around and between those of an axis."""
    widths = [(*width, 0)[:3] for width in widths] + [(0, 0, 0)] * x.ndim
    pairs = list(zip(x.shape, widths, strict=False))
    full = [b + a + n + max(n - 1, 0) * gap for n, (b, a, gap) in pairs]
    inner = [slice(b, b + (n - 1) * (gap + 1) + 1, gap + 1) for n, (b, _, gap) in pairs]
    result = np.full(full, value, x.dtype)
    result[tuple(inner)] = x
    return result


def scatter_add(u, index, table):
    """Add the rows u into zeros of the table's shape, at these indices."""
    result = np.zeros_like(table)
    np.add.at(result, index.astype(int), u)
    return result


def windows(x, kernel, stride=(1, 1), dilation=(1, 1)):
    """View x (C, H, W, N) as its windows (C, kh, kw, H', W', N), without copying."""
    rank = len(kernel)
    axes = list(zip(x.shape[1:], x.strides[1:], kernel, stride, dilation, strict=False))
    places = [(size - d * (k - 1) - 1) // s + 1 for size, _, k, s, d in axes]
    shape = (x.shape[0], *kernel, *places, *x.shape[1 + rank :])
    inner = [step * d for _, step, _, _, d in axes]
    outer = [step * s for _, step, _, s, _ in axes]
    strides = (x.strides[0], *inner, *outer, *x.strides[1 + rank :])
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)


def shifted(x, offset, places, stride, dilation):
    """View the numbers of x that stand at one offset inside every window."""
    at = [
        slice(d * i, d * i + s * (n - 1) + 1, s)
        for i, n, s, d in zip(offset, places, stride, dilation, strict=False)
    ]
    return x[(slice(None), *at)]


def fold(cut, kernel, stride=(1, 1), dilation=(1, 1), shape=None, out=None):
    """Add windows back where they were cut: the adjoint of `windows`."""
    out = np.empty(shape, cut.dtype) if out is None else out
    out.fill(0)
    places = cut.shape[1 + len(kernel) : 1 + 2 * len(kernel)]
    for offset in np.ndindex(*kernel):
        part = shifted(out, offset, places, stride, dilation)
        part += cut[(slice(None), *offset)]
    return out


def aligned(x):
    """Return a copy of x that begins at a line of the cache, as vectors like it."""
    memory = np.empty(x.nbytes + 64, np.uint8)
    start = -memory.ctypes.data % 64
    copy = memory[start : start + x.nbytes].view(x.dtype).reshape(x.shape)
    copy[...] = x
    return copy
