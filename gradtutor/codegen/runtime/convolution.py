"""Convolution and pooling of x (C, L, N) or (C, H, W, N)."""

# ruff: noqa: ANN001, ANN201, ANN202 (printed into scripts, without annotations)

import math

import numpy as np

from gradtutor.codegen.runtime.moving import fold, pad, shifted, windows


def padding_of_axes(padding, kernel, dilation):
    """Return (before, after) for every spatial axis."""
    if isinstance(padding, str):
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        same = padding == "same"
        return [(same * (t // 2), same * (t - t // 2)) for t in totals]
    return [p if isinstance(p, tuple) else (p, p) for p in padding]


def per_axis(value, rank):
    """Return a number for every spatial axis."""
    return (value,) * rank if isinstance(value, int) else value


def convolution(x, w, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlate x (C, H, W, N) with w (O, C/groups, kh, kw), as PyTorch does."""
    kernel, rank = w.shape[2:], w.ndim - 2
    stride, dilation, padding = (per_axis(v, rank) for v in (stride, dilation, padding))
    x = pad(x, [(0, 0), *padding_of_axes(padding, kernel, dilation)])
    cut = windows(x, kernel, stride, dilation)
    cut = cut.reshape(groups, -1, math.prod(cut.shape[1 + rank :]))
    product = w.reshape(groups, w.shape[0] // groups, -1) @ cut
    places = windows(x, kernel, stride, dilation).shape[1 + rank :]
    return product.reshape(w.shape[0], *places)


def convolution_transpose(u, w, shape, stride=1, padding=0, dilation=1, groups=1):
    """Send the gradient u of a convolution back to its input: the adjoint in x."""
    kernel, rank = w.shape[2:], w.ndim - 2
    stride, dilation, padding = (per_axis(v, rank) for v in (stride, dilation, padding))
    pairs = padding_of_axes(padding, kernel, dilation)
    parts = w.reshape(groups, w.shape[0] // groups, -1).transpose(0, 2, 1)
    cut = parts @ u.reshape(groups, u.shape[0] // groups, -1)
    full = [n + b + a for n, (b, a) in zip(shape[1:], pairs, strict=False)]
    inner = [slice(b, b + n) for n, (b, _) in zip(shape[1:], pairs, strict=False)]
    cut = cut.reshape(shape[0], *kernel, *u.shape[1:])
    padded = (shape[0], *full, *shape[1 + rank :])
    whole = fold(cut, kernel, stride, dilation, shape=padded)
    return whole[(slice(None), *inner)]


def pooled_parts(x, kernel, stride, padding, dilation, value):
    """Return x, padded, and its parts: one for each place inside a window."""
    rank = len(kernel)
    stride, dilation = per_axis(stride or kernel, rank), per_axis(dilation, rank)
    pairs = padding_of_axes(per_axis(padding, rank), kernel, dilation)
    if any(pair != (0, 0) for pair in pairs):
        x = pad(x, [(0, 0), *pairs], value)
    axes = zip(x.shape[1:], kernel, stride, dilation, strict=False)
    places = [(size - d * (k - 1) - 1) // s + 1 for size, k, s, d in axes]
    inner = [slice(b, n - a) for (b, a), n in zip(pairs, x.shape[1:], strict=False)]

    def parts(tensor):
        return [
            shifted(tensor, offset, places, stride, dilation)
            for offset in np.ndindex(*kernel)
        ]

    return x, parts, (slice(None), *inner)


def max_pool(x, kernel, stride=None, padding=0, dilation=1, out=None):
    """Take the largest number of every window of each channel."""
    x, parts, _ = pooled_parts(x, kernel, stride, padding, dilation, -np.inf)
    first, *others = parts(x)
    out = np.maximum(first, others[0] if others else first, out=out)
    for part in others[1:]:
        np.maximum(out, part, out=out)
    return out


def max_unpool(x, m, u, kernel, stride=None, padding=0, dilation=1, out=None):
    """Send each window's gradient u to the first of its elements that equals m."""
    padded, parts, inner = pooled_parts(x, kernel, stride, padding, dilation, -np.inf)
    apart = per_axis(stride or kernel, len(kernel)) == tuple(kernel)  # no overlap
    tiled = apart and padded is x and x.size == u.size * math.prod(kernel)
    whole = out if tiled and out is not None else np.zeros_like(padded)
    rest = u.copy()  # what no element of the window has taken yet
    *before, last = zip(parts(padded), parts(whole), strict=True)
    for part, place in before:
        if tiled:  # every element belongs to one window
            np.multiply(rest, part == m, out=place)
            rest -= place
        else:
            taken = rest * (part == m)
            place += taken
            rest -= taken
    last[1][...] = rest if tiled else last[1] + rest
    return whole if tiled else cropped(whole, inner, out)


def cropped(whole, inner, out):
    """Return what lies inside the padding, in out where that is given."""
    if out is None:
        return whole[inner]
    np.copyto(out, whole[inner])
    return out


def avg_pool(x, kernel, stride=None, padding=0, dilation=1, out=None):
    """Take the mean of every window of each channel; padding counts as zeros."""
    x, parts, _ = pooled_parts(x, kernel, stride, padding, dilation, 0.0)
    first, *others = parts(x)
    out = np.multiply(first, 1, out=out)
    for part in others:
        out += part
    out *= 1 / math.prod(kernel)
    return out


def mean_unpool(x, u, kernel, stride=None, padding=0, dilation=1, out=None):
    """Share each window's gradient u evenly among its elements."""
    x, parts, inner = pooled_parts(x, kernel, stride, padding, dilation, 0.0)
    whole, share = np.zeros_like(x), u * (1 / math.prod(kernel))
    for place in parts(whole):
        place += share
    return cropped(whole, inner, out)
