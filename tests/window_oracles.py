"""What windows, convolution and pooling are: a look-up of indices, and XLA's own."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import witness  # noqa: F401 (JAX in float64)


def each(value, rank):
    """Write one number as the same number for every axis."""
    return (value,) * rank if isinstance(value, int) else tuple(value)


def pairs_of(padding, kernel, dilation):
    """Return (before, after) for every axis; the larger part of "same" comes after."""
    if padding == "same":
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return [(t // 2, t - t // 2) for t in totals]
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    return [(p, p) if isinstance(p, int) else p for p in each(padding, len(kernel))]


def windows(x, kernel, stride=1, dilation=1):
    """Look up x[:, i d + h s] for every place i in the kernel and every window h."""
    rank = len(kernel)
    axes = zip(
        x.shape[1:], kernel, each(stride, rank), each(dilation, rank), strict=False
    )
    rows = []
    for axis, (n, k, s, d) in enumerate(axes):
        count = (n - d * (k - 1) - 1) // s + 1
        grid = np.arange(k)[:, None] * d + np.arange(count) * s
        others = [i for i in range(2 * rank) if i % rank != axis]
        rows.append(np.expand_dims(grid, others))
    return x[(slice(None), *rows)]


def first_largest(x, axis):
    """Return the mask of the first largest over some axes, as XLA's argmax picks it."""
    axes = tuple(range(x.ndim)) if axis is None else each(axis, 1)
    axes = tuple(sorted(i % x.ndim for i in axes))
    rest = tuple(i for i in range(x.ndim) if i not in axes)
    rows = x.transpose(*rest, *axes).reshape(*[x.shape[i] for i in rest], -1)
    mask = jax.nn.one_hot(rows.argmax(-1), rows.shape[-1])
    mask = mask.reshape([x.shape[i] for i in (*rest, *axes)])
    return jax.lax.stop_gradient(mask.transpose(np.argsort((*rest, *axes))))


def maximum_over(x, axis=None, keepdims=False):
    # where, not a product: 0 times the padding's infinity is no number
    won = first_largest(x, axis)
    return jnp.where(won > 0, x, 0.0).sum(axis, keepdims=keepdims)


def padded(x, kernel, padding, dilation, value):
    pairs = pairs_of(padding, kernel, each(dilation, len(kernel)))
    full = [(0, 0), *pairs, *[(0, 0)] * (x.ndim - 1 - len(kernel))]
    return jnp.pad(x, full, constant_values=value)


def max_pool(x, kernel, stride=None, padding=0, dilation=1):
    x = padded(x, kernel, padding, dilation, -jnp.inf)
    cut = windows(x, kernel, stride or kernel, dilation)
    return maximum_over(cut, tuple(range(1, 1 + len(kernel))))


def avg_pool(x, kernel, stride=None, padding=0, dilation=1):
    x = padded(x, kernel, padding, dilation, 0.0)
    cut = windows(x, kernel, stride or kernel, dilation)
    return cut.mean(tuple(range(1, 1 + len(kernel))))


def conv(x, w, stride=1, padding=0, dilation=1, groups=1):
    """XLA's convolution, in which our layout is a layout like any other."""
    rank, batched = w.ndim - 2, x.ndim == w.ndim
    dims = ("CHWN", "OIHW", "CHWN") if rank == 2 else ("CHN", "OIH", "CHN")
    dilation = each(dilation, rank)
    y = jax.lax.conv_general_dilated(
        x if batched else x[..., None],
        w,
        each(stride, rank),
        pairs_of(padding, w.shape[2:], dilation),
        rhs_dilation=dilation,
        feature_group_count=groups,
        dimension_numbers=dims,
    )
    return y if batched else y[..., 0]


def xla_pool(x, kernel, stride, padding, dilation, largest):
    """XLA's own ReduceWindow."""
    pairs = pairs_of(padding, kernel, dilation)
    ones = (1,) * (x.ndim - 1 - len(kernel))
    start, reducer = (-jnp.inf, jax.lax.max) if largest else (0.0, jax.lax.add)
    y = jax.lax.reduce_window(
        x,
        start,
        reducer,
        (1, *kernel, *ones),
        (1, *stride, *ones),
        [(0, 0), *pairs, *[(0, 0)] * len(ones)],
        window_dilation=(1, *dilation, *ones),
    )
    return y if largest else y / np.prod(kernel)
