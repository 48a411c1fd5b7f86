"""Convolution as a product whose matrix of windows is never written: implicit GEMM.

Printed into scripts of the CuPy backend with ``--conv implicit``; read as text, never
imported. The idea is that of Chetlur et al., "cuDNN: Efficient Primitives for Deep
Learning" (2014), section 3: tiles of the matrix are gathered in shared memory.
"""

# ruff: noqa: ANN001, ANN201, F821 (printed into scripts as they are)

import functools

import cupy as cp
import numpy as np

IMPLICIT = """
__device__ T seen(const T* x, int c, int p, int q, int u, int v, int n, int N) {
    // What tap (u, v) of a window at place (p, q) sees; beyond the image are zeros.
    const int h = p * sh + u * dh - top, w = q * sw + v * dw - left;
    const bool inside = h >= 0 && h < H && w >= 0 && w < W;
    return inside ? x[((c * H + h) * W + w) * N + n] : T(0);
}

__device__ T sent(const T* y, int o, int h, int w, int u, int v, int n, int N) {
    // What comes back to (h, w) through tap (u, v): from one window, or from none.
    const int down = h + top - u * dh, right = w + left - v * dw;
    const int p = down / sh, q = right / sw;
    const bool there = down == p * sh && right == q * sw;
    const bool inside = down >= 0 && p < P && right >= 0 && q < Q;
    return there && inside ? y[((o * P + p) * Q + q) * N + n] : T(0);
}

extern "C" __global__ void implicit_product(
    const T* first, const T* second, T* out, int N, int parts) {
    // out[part, g, m, j] = the sum over k of LEFT(m, k) * RIGHT(k, j): of group g, and
    // of one part of all k. A block makes a tile of 64 x 64 sums, a thread 4 x 4 of
    // them; what they are made of lies in shared memory, 16 k at a time.
    __shared__ T rows[16][65], columns[16][65];
    const int J = COLUMNS, K = DEPTH;
    const int wide = (J + 63) / 64, high = (M + 63) / 64;
    const int j0 = blockIdx.x % wide * 64, m0 = blockIdx.x / wide % high * 64;
    const int g = blockIdx.x / wide / high % G, part = blockIdx.x / wide / high / G;
    const int length = (K + parts - 1) / parts;
    const int begin = part * length, end = min(K, begin + length);
    const int x = threadIdx.x, y = threadIdx.y, thread = y * 16 + x;
    T total[4][4] = {};
    for (int k0 = begin; k0 < end; k0 += 16) {
        for (int place = thread; place < 16 * 64; place += 256) {
            const int a = BY_ROWS ? place / 64 : place % 16;
            const int m = BY_ROWS ? place % 64 : place / 16;
            const bool there = k0 + a < end && m0 + m < M;
            rows[a][m] = there ? LEFT(g, m0 + m, k0 + a) : T(0);
        }
        for (int place = thread; place < 16 * 64; place += 256) {
            const int b = BY_COLUMNS ? place / 64 : place % 16;
            const int j = BY_COLUMNS ? place % 64 : place / 16;
            const bool there = k0 + b < end && j0 + j < J;
            columns[b][j] = there ? RIGHT(g, k0 + b, j0 + j) : T(0);
        }
        __syncthreads();
        for (int k = 0; k < 16; ++k)
            for (int i = 0; i < 4; ++i)
                for (int l = 0; l < 4; ++l)
                    total[i][l] += rows[k][y + 16 * i] * columns[k][x + 16 * l];
        __syncthreads();
    }
    for (int i = 0; i < 4; ++i)
        for (int l = 0; l < 4; ++l) {
            const int m = m0 + y + 16 * i, j = j0 + x + 16 * l;
            if (m < M && j < J)
                out[((size_t)(part * G + g) * M + m) * J + j] = total[i][l];
        }
}
"""
LAYER_SIZES = (
    *("C", "O", "G", "H", "W", "kh", "kw", "sh", "sw", "dh", "dw"),
    *("top", "left", "P", "Q"),
)
ROLES = {  # of y = conv(x, w): what the factors of each product are
    "y": """
// Row m is a filter, column j a place of an example, k a tap of a channel.
enum { M = O / G, DEPTH = C / G * kh * kw, BY_ROWS = 0, BY_COLUMNS = 1 };
#define COLUMNS (P * Q * N)
#define LEFT(g, m, k) first[((g) * M + (m)) * DEPTH + (k)]
#define RIGHT(g, k, j) seen(second, (g) * (C / G) + (k) / (kh * kw), (j) / N / Q, \\
    (j) / N % Q, (k) / kw % kh, (k) % kw, (j) % N, N)
""",
    "x": """
// Row m is a channel, column j a place of its image, k a tap of a filter.
enum { M = C / G, DEPTH = O / G * kh * kw, BY_ROWS = 0, BY_COLUMNS = 1 };
#define COLUMNS (H * W * N)
#define LEFT(g, m, k) \\
    first[(((g) * (O / G) + (k) / (kh * kw)) * M + (m)) * (kh * kw) + (k) % (kh * kw)]
#define RIGHT(g, k, j) sent(second, (g) * (O / G) + (k) / (kh * kw), (j) / N / W, \\
    (j) / N % W, (k) / kw % kh, (k) % kw, (j) % N, N)
""",
    "w": """
// Row m is a filter, column j a tap of a channel, k a place of an example.
enum { M = O / G, BY_ROWS = 0, BY_COLUMNS = 0, COLUMNS = C / G * kh * kw };
#define DEPTH (P * Q * N)
#define LEFT(g, m, k) first[((g) * M + (m)) * DEPTH + (k)]
#define RIGHT(g, k, j) seen(second, (g) * (C / G) + (j) / (kh * kw), (k) / N / Q, \\
    (k) / N % Q, (j) / kw % kh, (j) % kw, (k) % N, N)
""",
}


@functools.cache
def implicit_kernel(role, dtype, sizes):
    """Compile the product of one role for a layer, whose sizes are constants."""
    named = zip(LAYER_SIZES, sizes, strict=True)
    numbers = ", ".join(f"{name} = {size}" for name, size in named)
    head = typedefs(T=dtype) + f"enum {{ {numbers} }};\n" + ROLES[role]
    return cp.RawKernel(head + IMPLICIT, "implicit_product")


def implicit_product(role, x, w, y, stride, padding, dilation):
    """Write y = conv(x, w), or the gradient by x or w, from the other two.

    A sum over all examples and places has few blocks with many numbers: then parts of
    it come first, in the same order every time.
    """
    (C, *image, N), (filters, depth, *taps), (_, *places, _) = x.shape, w.shape, y.shape
    (H, W), (kh, kw), (P, Q) = ((1, *two)[-2:] for two in (image, taps, places))
    G = C // depth
    sizes = C, filters, G, H, W, kh, kw, *stride, *dilation, *padding, P, Q
    kernel = implicit_kernel(role, x.dtype.name, sizes)
    first, second, out = {"y": (w, x, y), "x": (w, y, x), "w": (y, x, w)}[role]
    rows = (C if role == "x" else filters) // G
    columns, terms = out.size // G // rows, P * Q * N
    blocks = -(-columns // 64) * -(-rows // 64) * G
    parts = max(1, min(terms // 256, 512 // blocks)) if role == "w" else 1
    made = array_of_parts(parts * out.size, out.dtype) if parts > 1 else out
    numbers = np.int32(N), np.int32(parts)
    kernel((blocks * parts,), (16, 16), (first, second, made, *numbers))
    if parts > 1:
        launch_reduction("sum", made, out, 1, parts, out.size, 1)


def convolve_into(x, w, stride=(1, 1), padding=(0, 0), dilation=(1, 1), out=None):
    """Write the convolution of x (C, H, W, N) with w (O, C/groups, kh, kw) into out."""
    implicit_product("y", x, w, out, stride, padding, dilation)


def convolve_dx(u, w, stride=(1, 1), padding=(0, 0), dilation=(1, 1), out=None):
    """Write the gradient by x into out, where u is the gradient by conv(x, w)."""
    implicit_product("x", out, w, u, stride, padding, dilation)


def convolve_dw(x, u, stride=(1, 1), padding=(0, 0), dilation=(1, 1), out=None):
    """Write the gradient by w into out, where u is the gradient by conv(x, w)."""
    implicit_product("w", x, out, u, stride, padding, dilation)
