"""Pooling and its gradients: a thread for each window, or for each element.

Printed into scripts of the CuPy backend; read as text, never imported.
"""

# ruff: noqa: ANN001, ANN002, ANN201, F821 (printed into scripts as they are)

import cupy as cp


def pooled(source, x, *window, out):
    """Write what a kernel makes of every window of x into out, or a new array."""
    if out is None:
        places = [axis[-1] for axis in window_axes(x.shape[1:-1], *window)]
        out = cp.empty((x.shape[0], *places, x.shape[-1]), x.dtype)
    over_windows(source, x.shape[1:-1], *window)(x, x.shape[-1], out)
    return out


MAX_POOL = (
    "raw S x",
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
    return pooled(MAX_POOL, x, kernel, stride, padding, dilation, out=out)


MAX_UNPOOL = (
    "raw S x, raw M m, raw U u",
    "T out",
    """
    // A thread asks every window with this element whether it was the first largest.
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, w = j / N % W, h = j / N / W % H, c = j / N / W / H;
    const S own = x[i];
    decltype(0.0f + U()) total = 0;
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
    window = kernel, stride, padding, dilation
    over_windows(MAX_UNPOOL, x.shape[1:-1], *window)(x, m, u, x.shape[-1], out)


AVG_POOL = (
    "raw S x",
    "T out",
    """
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, q = j / N % Q, p = j / N / Q % P, c = j / N / Q / P;
    decltype(0.0f + S()) total = 0;
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
    return pooled(AVG_POOL, x, kernel, stride, padding, dilation, out=out)


MEAN_UNPOOL = (
    "raw S u",
    "T out",
    """
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, w = j / N % W, h = j / N / W % H, c = j / N / W / H;
    decltype(0.0f + S()) total = 0;
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
    window = kernel, stride, padding, dilation
    over_windows(MEAN_UNPOOL, x.shape[1:-1], *window)(u, x.shape[-1], out)
