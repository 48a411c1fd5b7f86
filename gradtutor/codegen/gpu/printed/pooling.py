"""Pooling and its gradients: a thread for each window, or for each element.

Printed into scripts of the CuPy backend; read as text, never imported.
"""

# ruff: noqa: ANN001, ANN201, F821 (printed into scripts as they are)

import cupy as cp


def pool_sizes(x, kernel, stride, padding, dilation):
    """Return what the pooling kernels take: sizes, places, kernel, steps, padding."""
    rank = len(kernel)
    stride, dilation = each(stride or kernel, rank), each(dilation, rank)
    before, after = zip(
        *padding_pairs(each(padding, rank), kernel, dilation), strict=True
    )
    _, H, W, N = planes(x)
    (kh, kw), (sh, sw), (dh, dw) = pair(kernel), pair(stride), pair(dilation)
    (top, left), (bottom, right) = pair(before, 0), pair(after, 0)
    P = (H + top + bottom - dh * (kh - 1) - 1) // sh + 1
    Q = (W + left + right - dw * (kw - 1) - 1) // sw + 1
    return (H, W, N, P, Q, kh, kw, sh, sw, dh, dw, top, left)


def pooled_shape(x, sizes):
    """Return the shape of a pooled x."""
    _, _, N, P, Q, *_ = sizes
    return (x.shape[0], P, Q, N) if x.ndim == 4 else (x.shape[0], Q, N)


def each(value, rank):
    """Repeat one number for every axis."""
    return (value,) * rank if isinstance(value, int) else value


def padding_pairs(padding, kernel, dilation):
    """Return (before, after) for every spatial axis."""
    if isinstance(padding, str):
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        same = padding == "same"
        return [(same * (t // 2), same * (t - t // 2)) for t in totals]
    return [p if isinstance(p, tuple) else (p, p) for p in padding]


POOL_SIZES = (
    "int32 H, int32 W, int32 N, int32 P, int32 Q, int32 kh, int32 kw, "
    "int32 sh, int32 sw, int32 dh, int32 dw, int32 top, int32 left"
)
MAX_POOL = cp.ElementwiseKernel(
    f"raw T x, {POOL_SIZES}",
    "T out",
    """
    // A thread looks for the largest number of one window; a nan wins.
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, q = j / N % Q, p = j / N / Q % P, c = j / N / Q / P;
    T best = -__int_as_float(0x7f800000);  // -infinity
    for (int u = 0; u < kh; ++u) {
        for (int v = 0; v < kw; ++v) {
            const int h = p * sh + u * dh - top, w = q * sw + v * dw - left;
            if (h >= 0 && h < H && w >= 0 && w < W) {
                const T value = x[((c * H + h) * W + w) * N + example];
                if (value > best || isnan(value)) best = value;
            }
        }
    }
    out = best;
    """,
    "max_pool",
)


def max_pool(x, kernel, stride=None, padding=0, dilation=1, out=None):
    """Take the largest number of every window of each channel."""
    sizes = pool_sizes(x, kernel, stride, padding, dilation)
    out = cp.empty(pooled_shape(x, sizes), x.dtype) if out is None else out
    MAX_POOL(x, *sizes, out)
    return out


MAX_UNPOOL = cp.ElementwiseKernel(
    f"raw T x, raw T m, raw T u, {POOL_SIZES}",
    "T out",
    """
    // A thread asks every window with this element whether it was the first largest.
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, w = j / N % W, h = j / N / W % H, c = j / N / W / H;
    const T own = x[i];
    T total = 0;
    for (int a = 0; a < kh; ++a) {
        for (int b = 0; b < kw; ++b) {
            const int up = h + top - a * dh, over = w + left - b * dw;
            const int p = up / sh, q = over / sw;
            if (up != p * sh || over != q * sw || up < 0 || over < 0) continue;
            if (p >= P || q >= Q) continue;
            const int place = ((c * P + p) * Q + q) * N + example;
            if (own != m[place]) continue;
            bool first = true;
            for (int k = 0; k < a * kw + b && first; ++k) {  // those before it
                const int h2 = p * sh + k / kw * dh - top;
                const int w2 = q * sw + k % kw * dw - left;
                if (h2 >= 0 && h2 < H && w2 >= 0 && w2 < W)
                    first = x[((c * H + h2) * W + w2) * N + example] != own;
            }
            if (first) total += u[place];
        }
    }
    out = total;
    """,
    "max_unpool",
)


def max_unpool(x, m, u, kernel, stride=None, padding=0, dilation=1, out=None):
    """Send each window's gradient u to the first of its elements that equals m."""
    MAX_UNPOOL(x, m, u, *pool_sizes(x, kernel, stride, padding, dilation), out)


AVG_POOL = cp.ElementwiseKernel(
    f"raw T x, {POOL_SIZES}",
    "T out",
    """
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, q = j / N % Q, p = j / N / Q % P, c = j / N / Q / P;
    T total = 0;
    for (int u = 0; u < kh; ++u) {
        for (int v = 0; v < kw; ++v) {
            const int h = p * sh + u * dh - top, w = q * sw + v * dw - left;
            if (h >= 0 && h < H && w >= 0 && w < W)
                total += x[((c * H + h) * W + w) * N + example];
        }
    }
    out = total / (kh * kw);
    """,
    "avg_pool",
)


def avg_pool(x, kernel, stride=None, padding=0, dilation=1, out=None):
    """Take the mean of every window of each channel; padding counts as zeros."""
    sizes = pool_sizes(x, kernel, stride, padding, dilation)
    out = cp.empty(pooled_shape(x, sizes), x.dtype) if out is None else out
    AVG_POOL(x, *sizes, out)
    return out


MEAN_UNPOOL = cp.ElementwiseKernel(
    f"raw T u, {POOL_SIZES}",
    "T out",
    """
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, w = j / N % W, h = j / N / W % H, c = j / N / W / H;
    T total = 0;
    for (int a = 0; a < kh; ++a) {
        for (int b = 0; b < kw; ++b) {
            const int up = h + top - a * dh, over = w + left - b * dw;
            const int p = up / sh, q = over / sw;
            if (up != p * sh || over != q * sw || up < 0 || over < 0) continue;
            if (p < P && q < Q) total += u[((c * P + p) * Q + q) * N + example];
        }
    }
    out = total / (kh * kw);
    """,
    "mean_unpool",
)


def mean_unpool(x, u, kernel, stride=None, padding=0, dilation=1, out=None):
    """Share each window's gradient u evenly among its elements."""
    MEAN_UNPOOL(u, *pool_sizes(x, kernel, stride, padding, dilation), out)
