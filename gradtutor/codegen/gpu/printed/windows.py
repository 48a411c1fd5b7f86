"""Windows of images and signals: im2col, its adjoint, convolution.

Printed into scripts of the CuPy backend; read as text, never imported.
"""

# ruff: noqa: ANN001, ANN201, F821 (printed into scripts as they are)

import math

import cupy as cp


def planes(x):
    """Return the sizes C, H, W, N of images; a signal (C, L, N) is one row high."""
    return x.shape if x.ndim == 4 else (x.shape[0], 1, *x.shape[1:])


def pair(numbers, filling=1):
    """Give a signal's (k,) a first axis: (1, k)."""
    return tuple(numbers) if len(numbers) == 2 else (filling, *numbers)


COPY_WINDOWS = cp.ElementwiseKernel(
    "raw T x, int32 H, int32 W, int32 N, int32 P, int32 Q, "
    "int32 kh, int32 kw, int32 sh, int32 sw, int32 dh, int32 dw",
    "raw T out",
    """
    // A thread copies one window, at place (p, q) of channel c, of one example.
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, q = j / N % Q, p = j / N / Q % P, c = j / N / Q / P;
    for (int u = 0; u < kh; ++u) {
        for (int v = 0; v < kw; ++v) {
            const int row = (c * kh + u) * kw + v;
            const int h = p * sh + u * dh, w = q * sw + v * dw;
            out[((row * P + p) * Q + q) * N + example] =
                x[((c * H + h) * W + w) * N + example];
        }
    }
    """,
    "copy_windows",
)


def copy_windows(x, kernel, stride=(1, 1), dilation=(1, 1), out=None):
    """Write the windows of x into out (C·kh·kw, P·Q·N): im2col."""
    C, H, W, N = planes(x)
    (kh, kw), (sh, sw), (dh, dw) = (
        pair(kernel),
        pair(stride[: len(kernel)]),
        pair(dilation[: len(kernel)]),
    )
    P, Q = (H - dh * (kh - 1) - 1) // sh + 1, (W - dw * (kw - 1) - 1) // sw + 1
    sizes = H, W, N, P, Q, kh, kw, sh, sw, dh, dw
    COPY_WINDOWS(x, *sizes, out, size=C * P * Q * N)


FOLD = cp.ElementwiseKernel(
    "raw T cut, int32 H, int32 W, int32 N, int32 P, int32 Q, "
    "int32 kh, int32 kw, int32 sh, int32 sw, int32 dh, int32 dw",
    "T out",
    """
    // A thread adds up what every window that saw this element sends back to it.
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, w = j / N % W, h = j / N / W % H, c = j / N / W / H;
    T total = 0;
    for (int u = 0; u < kh; ++u) {
        for (int v = 0; v < kw; ++v) {
            const int p = (h - u * dh) / sh, q = (w - v * dw) / sw;
            const bool there = h - u * dh == p * sh && w - v * dw == q * sw;
            if (there && p >= 0 && p < P && q >= 0 && q < Q) {
                const int row = (c * kh + u) * kw + v;
                total += cut[((row * P + p) * Q + q) * N + example];
            }
        }
    }
    out = total;
    """,
    "fold",
)


def fold(cut, kernel, stride=(1, 1), dilation=(1, 1), out=None):
    """Add windows back where they were cut: the adjoint of `copy_windows`."""
    _, H, W, N = planes(out)
    (kh, kw), (sh, sw), (dh, dw) = (
        pair(kernel),
        pair(stride[: len(kernel)]),
        pair(dilation[: len(kernel)]),
    )
    P, Q = (H - dh * (kh - 1) - 1) // sh + 1, (W - dw * (kw - 1) - 1) // sw + 1
    FOLD(cut.ravel(), H, W, N, P, Q, kh, kw, sh, sw, dh, dw, out)


def convolution(x, w, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlate x (C, H, W, N) with w (O, C/groups, kh, kw), as PyTorch does."""
    kernel, rank = w.shape[2:], w.ndim - 2
    stride, dilation = each(stride, rank), each(dilation, rank)
    pairs = padding_pairs(each(padding, rank), kernel, dilation)
    x = cp.pad(x, [(0, 0), *pairs, (0, 0)])
    axes = zip(x.shape[1:], kernel, stride, dilation, strict=False)
    places = [(size - d * (k - 1) - 1) // s + 1 for size, k, s, d in axes]
    columns = cp.empty((groups, w[0].size, math.prod(places) * x.shape[-1]), x.dtype)
    copy_windows(x, kernel, stride, dilation, out=columns)
    product = cp.matmul(w.reshape(groups, w.shape[0] // groups, -1), columns)
    return product.reshape(w.shape[0], *places, -1)
