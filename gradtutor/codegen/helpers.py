"""NumPy functions that a gate's text may call; a script gets those it needs."""

# ruff: noqa: ANN001, ANN201, ANN202 (their text is printed into scripts, without annotations)

import math

import numpy as np

from gradtutor.codegen.runtime.recurrent import (  # noqa: F401
    gru_slope,
    gru_states,
    lstm_slope,
    lstm_states,
    relu,
    rnn_slope,
    rnn_states,
    sigmoid,
)


def softmax(z, axis=-1):
    """Exponentials that sum to 1; max(z) is subtracted so that none overflows."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def logsumexp(z, axis=None, keepdims=False):
    """log(sum(exp(z))), with max(z) taken out so that nothing overflows."""
    top = z.max(axis=axis, keepdims=True)
    total = np.log(np.exp(z - top).sum(axis=axis, keepdims=True)) + top
    return total if keepdims else total.squeeze(axis=axis)


def softmax_cross_entropy(z, y, out):
    """Return the mean of -log softmax(z)[y], and write its gradient by z into out."""
    rows, y = np.arange(len(y)), y.astype(int, copy=False)
    np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    chosen = out[rows, y]
    np.exp(out, out=out)
    total = out.sum(axis=1, keepdims=True)
    out /= total
    out[rows, y] -= 1
    out /= len(y)
    return (np.log(total).sum() - chosen.sum()) / len(y)


def one_hot(y, classes):
    """Turn labels (N,) into rows (N, classes) with a single True."""
    return np.expand_dims(y, -1) == np.arange(classes)


def cross_entropy(z, y):
    """Mean of -log softmax(z)[y] over the batch, from the logits z."""
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -np.mean(np.take_along_axis(log_p, np.expand_dims(y, -1).astype(int), -1))


def cross_entropy_slope(z, y):
    """Return (softmax(z) - one_hot(y)) / N, the gradient of the cross-entropy."""
    return (softmax(z) - one_hot(y, z.shape[-1])) / (len(z) if z.ndim > 1 else 1)


def quadratic_cost(a, t):
    """C = 1/(2N) Σ |a - t|² over the N rows (Nielsen 2015, equation 6)."""
    return np.sum((a - t) ** 2) / (2 * (len(a) if a.ndim > 1 else 1))


def size(x, axes):
    """Count the elements along some axes."""
    return np.prod(np.take(x.shape, axes))


def erf(x):
    """Return the error function, of as many numbers at once as the cache holds."""
    x = np.asarray(x)
    result = np.empty(x.size, np.result_type(x, np.float32))
    numbers, step = x.reshape(-1), 8192
    for first in range(0, x.size, step):
        result[first : first + step] = erf_at(numbers[first : first + step])
    return result.reshape(x.shape)[()]


def erf_at(x):
    """Return the error function by the rational approximations of Cody (1969).

    erf(x) is x P(x²) / Q(x²) near 0 and 1 - exp(-x²) R(x) / S(x) for larger x.
    """
    near = (
        (0.18577770618460315, 1.0),
        (3.1611237438705656, 23.601290952344122),
        (113.86415415105016, 244.02463793444417),
        (377.485237685302, 1282.6165260773723),
        (3209.3775891384694, 2844.2368334391706),
    )
    far = (
        (2.1531153547440385e-8, 1.0),
        (0.5641884969886701, 15.744926110709835),
        (8.883149794388376, 117.6939508913125),
        (66.11919063714163, 537.1811018620099),
        (298.6351381974001, 1621.3895745666903),
        (881.952221241769, 3290.7992357334596),
        (1712.0476126340707, 4362.619090143247),
        (2051.0783778260717, 3439.3676741437216),
        (1230.3393547979972, 1230.3393548037494),
    )
    reach = np.minimum(np.abs(x), 6)  # from there on it is 1
    square = reach * reach
    inner = x * horner_ratio(square, near)
    outer = 1 - np.exp(-square) * horner_ratio(reach, far)
    return np.where(reach < 0.46875, inner, np.copysign(outer, x))


def horner_ratio(x, coefficients):
    """Divide two polynomials; pairs of coefficients, the highest power's first."""
    above, below = (one * x for one in coefficients[0])
    for p, q in coefficients[1:-1]:
        above += p
        above *= x
        below += q
        below *= x
    p, q = coefficients[-1]
    return (above + p) / (below + q)


# ---- moving numbers ----


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


def first_winner(x, axis):
    """Mark the first of the largest numbers over some axes with 1, all else with 0."""
    axes = tuple(range(x.ndim)) if axis is None else np.atleast_1d(axis) % x.ndim
    rest = [i for i in range(x.ndim) if i not in axes]
    order = (*rest, *axes)
    rows = x.transpose(order).reshape([x.shape[i] for i in rest] + [-1])
    won = rows.argmax(axis=-1)[..., None] == np.arange(rows.shape[-1])
    won = won.reshape([x.shape[i] for i in order]).transpose(np.argsort(order))
    return won.astype(x.dtype)


def standardize(x, axis=None, eps=1e-5):
    """Shift and scale x to mean 0 and variance 1 over some axes."""
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt(x.var(axis=axis, keepdims=True) + eps)


# ---- matrix algebra ----


def logdet(a):
    """Log of the determinant, nan where that is negative; it does not overflow."""
    sign, size = np.linalg.slogdet(a)
    return np.where(sign >= 0, size, np.nan)[()]


def cofactor(a):
    """det(a) a⁻ᵀ from the singular values: right where a has no inverse, too."""
    u, s, vt = np.linalg.svd(a)
    others = np.array([np.prod(np.delete(s, i)) for i in range(len(s))])
    return np.linalg.det(u) * np.linalg.det(vt) * (u * others) @ vt


def kron_left(u, b):
    """Sum the blocks of u, weighted by b: what a of np.kron(a, b) gets back."""
    sizes = [
        n
        for whole, part in zip(u.shape, b.shape, strict=True)
        for n in (whole // part, part)
    ]
    inner = tuple(range(1, 2 * u.ndim, 2))
    return (u.reshape(sizes) * np.expand_dims(b, tuple(i - 1 for i in inner))).sum(
        inner
    )


def kron_right(u, a):
    """Sum the blocks of u, weighted by a: what b of np.kron(a, b) gets back."""
    sizes = [
        n
        for whole, part in zip(u.shape, a.shape, strict=True)
        for n in (part, whole // part)
    ]
    outer = tuple(range(0, 2 * u.ndim, 2))
    return (u.reshape(sizes) * np.expand_dims(a, tuple(i + 1 for i in outer))).sum(
        outer
    )


# ---- products with very long matrices ----


def wide_dot(a, b, slices, out):
    """Write a @ b into out, slice by slice of b's columns: each fits the cache."""
    parts = b.reshape(len(b), slices, -1).transpose(1, 0, 2)
    np.matmul(a, parts, out=out.reshape(len(a), slices, -1).transpose(1, 0, 2))


def row_dots(a, b, out):
    """Write the dot of each row of a with that of b; their product is not written."""
    np.matmul(a[:, None, :], b[:, :, None], out=out[:, None, None])


def long_dot(a, b, slices, out):
    """Write a @ b.T into out, for rows of many numbers: the sum over slices of them.

    The larger matrix comes first, which BLAS does up to twice as fast.
    """
    if slices == 1:
        out[...] = np.matmul(b, a.T).T
        return
    first = b.reshape(len(b), slices, -1).transpose(1, 0, 2)
    second = a.reshape(len(a), slices, -1).transpose(1, 2, 0)
    out[...] = np.matmul(first, second).sum(axis=0).T


# ---- convolution and pooling: x is (C, L, N) or (C, H, W, N) ----


def _padding(padding, kernel, dilation):
    """Return (before, after) for every spatial axis."""
    if isinstance(padding, str):
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        same = padding == "same"
        return [(same * (t // 2), same * (t - t // 2)) for t in totals]
    return [p if isinstance(p, tuple) else (p, p) for p in padding]


def _each(value, rank):
    return (value,) * rank if isinstance(value, int) else value


def convolution(x, w, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlate x (C, H, W, N) with w (O, C/groups, kh, kw), as PyTorch does."""
    kernel, rank = w.shape[2:], w.ndim - 2
    stride, dilation, padding = (_each(v, rank) for v in (stride, dilation, padding))
    x = pad(x, [(0, 0), *_padding(padding, kernel, dilation)])
    cut = windows(x, kernel, stride, dilation)
    cut = cut.reshape(groups, -1, math.prod(cut.shape[1 + rank :]))
    product = w.reshape(groups, w.shape[0] // groups, -1) @ cut
    places = windows(x, kernel, stride, dilation).shape[1 + rank :]
    return product.reshape(w.shape[0], *places)


def convolution_transpose(u, w, shape, stride=1, padding=0, dilation=1, groups=1):
    """Send the gradient u of a convolution back to its input: the adjoint in x."""
    kernel, rank = w.shape[2:], w.ndim - 2
    stride, dilation, padding = (_each(v, rank) for v in (stride, dilation, padding))
    pairs = _padding(padding, kernel, dilation)
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
    stride, dilation = _each(stride or kernel, rank), _each(dilation, rank)
    pairs = _padding(_each(padding, rank), kernel, dilation)
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
    apart = _each(stride or kernel, len(kernel)) == tuple(kernel)  # no overlap
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
    return whole if tiled else _cropped(whole, inner, out)


def _cropped(whole, inner, out):
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
    return _cropped(whole, inner, out)


# ---- more losses ----


def binary_cross_entropy(p, t):
    """-mean(t log p + (1 - t) log(1 - p)), each log at least -100, as PyTorch's."""
    yes, no = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    return -np.mean(t * yes + (1 - t) * no)


def bce_with_logits(z, t):
    """Binary cross-entropy from logits: mean(log(1 + exp(z)) - t z), stably."""
    return np.mean(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - t * z)


def nll_loss(p, y):
    """Mean of -log p[y] over the batch, from probabilities p."""
    return -np.mean(
        np.log(np.take_along_axis(p, np.expand_dims(y, -1).astype(int), -1))
    )


def svm_loss(s, y):
    """Mean over rows of the sum of max(0, s[j] - s[y] + 1) over all j but y."""
    own = np.take_along_axis(s, np.expand_dims(y, -1).astype(int), -1)
    return np.mean(np.sum(np.maximum(s - own + 1, 0), axis=-1) - 1)
