"""Windows of images and signals: im2col, its adjoint, convolution.

Printed into scripts of the CuPy backend; read as text, never imported.
"""

# ruff: noqa: ANN001, ANN002, ANN201 (printed into scripts as they are)

import functools
import math

import cupy as cp


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


def window_axes(sizes, kernel, stride=None, padding=0, dilation=1):
    """Return for each axis: size, window, step, spread, zeros before it, places."""
    rank = len(kernel)
    stride, dilation = each(stride or kernel, rank), each(dilation, rank)
    pairs = padding_pairs(each(padding, rank), kernel, dilation)
    axes = zip(sizes, kernel, stride, dilation, pairs, strict=True)
    return [
        (size, k, s, d, before, (size + before + after - d * (k - 1) - 1) // s + 1)
        for size, k, s, d, (before, after) in axes
    ]


SIZES = ("H", "kh", "sh", "dh", "top", "P", "W", "kw", "sw", "dw", "left", "Q")


@functools.cache
def over_windows(kernel, *geometry):
    """Compile a kernel over windows of (C, H, W, N), or of a signal as H = 1.

    Its sizes are constants: the compiler unrolls loops and divides by multiplying.
    """
    vertical, horizontal = [(1, 1, 1, 1, 0, 1), *window_axes(*geometry)][-2:]
    numbers = zip(SIZES, vertical + horizontal, strict=True)
    sizes = f"enum {{ {', '.join(f'{name} = {size}' for name, size in numbers)} }};"
    reads, writes, code, name = kernel
    return cp.ElementwiseKernel(f"{reads}, int32 N", writes, code, name, preamble=sizes)


COPY_WINDOWS = (
    "raw S x",
    "raw T out",
    """
    // A thread copies one window, at place (p, q) of channel c, of one example; beyond
    // the image are zeros.
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, q = j / N % Q, p = j / N / Q % P, c = j / N / Q / P;
    for (int u = 0; u < kh; ++u) {
        for (int v = 0; v < kw; ++v) {
            const int row = (c * kh + u) * kw + v;
            const int h = p * sh + u * dh - top, w = q * sw + v * dw - left;
            const bool inside = h >= 0 && h < H && w >= 0 && w < W;
            out[((row * P + p) * Q + q) * N + example] =
                inside ? T(x[((c * H + h) * W + w) * N + example]) : T(0);
        }
    }
    """,
    "copy_windows",
)


def copy_windows(x, kernel, stride=1, dilation=1, padding=0, out=None):
    """Write the windows of x into out (C·kh·kw, P·Q·N): im2col."""
    copy = over_windows(COPY_WINDOWS, x.shape[1:-1], kernel, stride, padding, dilation)
    copy(x, x.shape[-1], out, size=out.size // math.prod(kernel))


FOLD = (
    "raw S cut",
    "T out",
    """
    // A thread adds up what every window that saw this element sends back to it.
    const int j = i;  // 32-bit division is several times faster
    const int example = j % N, w = j / N % W, h = j / N / W % H, c = j / N / W / H;
    decltype(0.0f + S()) total = 0;  // float; double in --check
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


def fold(cut, kernel, stride=1, dilation=1, out=None):
    """Add windows back where they were cut: the adjoint of `copy_windows`."""
    add = over_windows(FOLD, out.shape[1:-1], kernel, stride, 0, dilation)
    add(cut.ravel(), out.shape[-1], out)


def convolution(x, w, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlate x (C, H, W, N) with w (O, C/groups, kh, kw), as PyTorch does."""
    kernel, rank = w.shape[2:], w.ndim - 2
    pairs = tuple(padding_pairs(each(padding, rank), kernel, each(dilation, rank)))
    axes = window_axes(x.shape[1:-1], kernel, stride, pairs, dilation)
    places = [axis[-1] for axis in axes]
    columns = cp.empty((groups, w[0].size, math.prod(places) * x.shape[-1]), x.dtype)
    copy_windows(x, kernel, stride, dilation, pairs, out=columns)
    product = cp.matmul(w.reshape(groups, w.shape[0] // groups, -1), columns)
    return product.reshape(w.shape[0], *places, -1)
