"""The GPU's twins of the helpers, printed into scripts of the CuPy backend.

This module is read as text and never imported: CuPy is needed only by the scripts.
Arrays lie in memory as their axes say; images are (C, H, W, N), signals (C, L, N).
"""

# ruff: noqa: ANN001, ANN201 (printed into scripts as they are)

import functools
import math

import cupy as cp
import numpy as np

# ---- windows ----


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


# ---- pooling ----


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


# ---- reductions ----

REDUCE = """
extern "C" __global__ void reduce(const T* x, T* out, int R, int inner, T scale) {
    // out[o, k] = scale * the sum, or the largest, over r of x[o, r, k].
    // A block takes blockDim.x columns k at once; its rows halve until one is left.
    extern __shared__ unsigned char memory[];
    T* part = (T*)memory;
    const int tiles = (inner + blockDim.x - 1) / blockDim.x;
    const int k = blockIdx.x % tiles * blockDim.x + threadIdx.x;
    const size_t o = blockIdx.x / tiles;
    const int place = threadIdx.y * blockDim.x + threadIdx.x;
    T total = START;
    if (k < inner)
        for (int r = threadIdx.y; r < R; r += blockDim.y)
            total = JOIN(total, VALUE(x[(o * R + r) * inner + k]));
    part[place] = total;
    for (int half = blockDim.y / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.y < half)
            part[place] = JOIN(part[place], part[place + half * blockDim.x]);
    }
    if (threadIdx.y == 0 && k < inner) out[o * inner + k] = scale * part[threadIdx.x];
}
"""
JOINED = {  # what START, JOIN(a, b) and VALUE(x) stand for; 0x7f800000 is infinity
    "sum": ("0", "a + b", "x"),
    "squares": ("0", "a + b", "x * x"),
    "max": ("-__int_as_float(0x7f800000)", "a >= b || isnan(a) ? a : b", "x"),
    "min": ("__int_as_float(0x7f800000)", "a <= b || isnan(a) ? a : b", "x"),
}


@functools.cache
def reduction(kind, dtype):
    """Return the compiled kernel of one kind of reduction."""
    start, join, value = JOINED[kind]
    head = f"typedef {c_type(dtype)} T;\n#define START T({start})\n"
    head += f"__device__ T JOIN(T a, T b) {{ return {join}; }}\n"
    head += f"__device__ T VALUE(T x) {{ return {value}; }}\n"
    return cp.RawKernel(head + REDUCE, "reduce")


def c_type(dtype):
    """Return the C name of a NumPy type."""
    return {"float32": "float", "float64": "double"}[np.dtype(dtype).name]


def sides(x, axes):
    """Return the sizes before, along and after some axes that follow each other."""
    first, last = (axes[0], axes[-1] + 1) if axes else (0, 0)
    parts = x.shape[:first], x.shape[first:last], x.shape[last:]
    return [math.prod(part) for part in parts]


def block_of(R, inner):
    """Return a block's shape: columns side by side, rows that share the work."""
    columns = min(32, 1 << (inner - 1).bit_length())
    rows = min(1024 // columns, 1 << max(R - 1, 1).bit_length())
    return columns, rows


def reduce_over(kind, x, axes, out, scale=1.0):
    """Reduce some axes of x into out, in the same order every time."""
    outer, R, inner = sides(x, axes)
    columns, rows = block_of(R, inner)
    grid = (outer * -(-inner // columns),)
    numbers = np.int32(R), np.int32(inner), x.dtype.type(scale)
    shared = columns * rows * x.dtype.itemsize
    kernel = reduction(kind, x.dtype)
    kernel(grid, (columns, rows), (x, out, *numbers), shared_mem=shared)
    return out


def sum_over(x, axes, out):
    """Add up over some axes."""
    return reduce_over("sum", x, axes, out)


def mean_over(x, axes, out):
    """Take the mean over some axes."""
    return reduce_over("sum", x, axes, out, 1 / sides(x, axes)[1])


def max_over(x, axes, out):
    """Take the largest over some axes."""
    return reduce_over("max", x, axes, out)


def min_over(x, axes, out):
    """Take the smallest over some axes."""
    return reduce_over("min", x, axes, out)


FIRST_WINNER = cp.ElementwiseKernel(
    "raw T x, int32 R, int32 inner",
    "T out",
    """
    // 1 for the first of the largest numbers along an axis, 0 for the others.
    const int j = i, r = j / inner % R, start = j - r * inner;
    bool won = true;
    for (int s = 0; s < R; ++s) {
        const T other = x[start + s * inner];
        won = won && (s < r ? other < x[i] : other <= x[i]);
    }
    out = won;
    """,
    "first_winner",
)


def first_winner(x, axes, out):
    """Mark the first of the largest numbers over some axes with 1, all else with 0."""
    _, R, inner = sides(x, axes)
    FIRST_WINNER(x.ravel(), R, inner, out.ravel())


# ---- classes ----

LOG_SUM_EXP = cp.ElementwiseKernel(
    "raw T x, int32 R, int32 inner",
    "T out",
    """
    // log of the sum of exp along an axis; the largest is taken out: no overflow.
    const size_t start = (size_t)(i / inner) * R * inner + i % inner;
    T top = x[start];
    for (int r = 1; r < R; ++r) top = max(top, x[start + (size_t)r * inner]);
    T total = 0;
    for (int r = 0; r < R; ++r) total += exp(x[start + (size_t)r * inner] - top);
    out = top + log(total);
    """,
    "log_sum_exp",
)


def logsumexp(x, axis=None, keepdims=False, out=None):
    """log(sum(exp(x))) over some axes, with the largest taken out."""
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis)
    axes = sorted(int(one) % x.ndim for one in axes)
    _, R, inner = sides(x, axes)
    if out is None:
        kept = [1 if i in axes else size for i, size in enumerate(x.shape)]
        rest = [size for i, size in enumerate(x.shape) if i not in axes]
        out = cp.empty(kept if keepdims else rest, x.dtype)
    LOG_SUM_EXP(cp.ascontiguousarray(x).ravel(), R, inner, out.reshape(-1))
    return out


SOFTMAX = cp.ElementwiseKernel(
    "raw T x, int32 R, int32 inner",
    "raw T out",
    """
    // A thread writes one row's exponentials, then divides them by their sum.
    const size_t start = (size_t)(i / inner) * R * inner + i % inner;
    T top = x[start];
    for (int r = 1; r < R; ++r) top = max(top, x[start + (size_t)r * inner]);
    T total = 0;
    for (int r = 0; r < R; ++r) {
        const size_t place = start + (size_t)r * inner;
        out[place] = exp(x[place] - top);
        total += out[place];
    }
    for (int r = 0; r < R; ++r) out[start + (size_t)r * inner] /= total;
    """,
    "softmax",
)


def softmax(x, axes=(-1,), out=None):
    """Exponentials that sum to 1; the largest is subtracted so that none overflows."""
    axes = [axis % x.ndim for axis in np.atleast_1d(axes)]
    out = cp.empty_like(x) if out is None else out
    outer, R, inner = sides(x, axes)
    x = cp.ascontiguousarray(x).ravel()
    SOFTMAX(x, R, inner, out.reshape(-1), size=outer * inner)
    return out


ONE_HOT = cp.ElementwiseKernel(
    "raw Y y, int32 K", "T out", "out = y[i / K] == i % K;", "one_hot"
)


def one_hot(y, classes, out=None):
    """Turn labels (N,) into rows (N, classes) with a single 1."""
    out = cp.empty((len(y), classes), cp.float32) if out is None else out
    ONE_HOT(y, classes, out)
    return out


CROSS_ENTROPY = """
extern "C" __global__ void softmax_cross_entropy(
    const T* z, const int* y, T* dz, T* losses, int N, int K) {
    // A warp of 32 threads takes one row: loss = -log softmax(z)[y],
    // dz = (softmax(z) - one_hot(y)) / N.
    const int row = blockIdx.x * blockDim.y + threadIdx.y, lane = threadIdx.x;
    if (row >= N) return;
    const T* from = z + (size_t)row * K;
    T* into = dz + (size_t)row * K;
    T top = -__int_as_float(0x7f800000);  // -infinity
    for (int k = lane; k < K; k += 32) top = max(top, from[k]);
    for (int far = 16; far > 0; far /= 2)
        top = max(top, __shfl_xor_sync(~0u, top, far));
    T total = 0;
    for (int k = lane; k < K; k += 32) total += exp(from[k] - top);
    for (int far = 16; far > 0; far /= 2) total += __shfl_xor_sync(~0u, total, far);
    for (int k = lane; k < K; k += 32)
        into[k] = (exp(from[k] - top) / total - (k == y[row])) / N;
    if (lane == 0) losses[row] = log(total) - (from[y[row]] - top);
}
"""


@functools.cache
def cross_entropy_kernel(dtype):
    """Return the compiled kernel."""
    code = f"typedef {c_type(dtype)} T;\n{CROSS_ENTROPY}"
    return cp.RawKernel(code, "softmax_cross_entropy")


@functools.cache
def row_losses(N, dtype):
    """Return the array of each row's loss, made once for each N."""
    return cp.empty(N, dtype)


def cross_entropy(z, y):
    """Mean of -log softmax(z)[y] over the batch, from the logits z."""
    loss, z = cp.empty((), z.dtype), cp.ascontiguousarray(z)
    softmax_cross_entropy(z, y, cp.empty_like(z), loss)
    return loss


def softmax_cross_entropy(z, y, dz, loss):
    """Write the mean of -log softmax(z)[y] into loss, and its gradient by z into dz."""
    N, K = z.shape
    losses = row_losses(N, z.dtype)
    arguments = (z, y, dz, losses, np.int32(N), np.int32(K))
    cross_entropy_kernel(z.dtype)((-(-N // 4),), (32, 4), arguments)
    mean_over(losses, (0,), loss)


def nll_loss(p, y):
    """Mean of -log p[y] over the batch, from probabilities p."""
    return -cp.mean(cp.log((p * one_hot(y, p.shape[-1])).sum(axis=-1)))


def svm_loss(s, y):
    """Mean over rows of the sum of max(0, s[j] - s[y] + 1) over all j but y."""
    own = (s * one_hot(y, s.shape[-1])).sum(axis=-1, keepdims=True)
    return cp.mean(cp.maximum(s - own + 1, 0).sum(axis=-1) - 1)


# ---- random numbers ----

PHILOX = """
// Philox4x32-10 (Salmon et al. 2011): a random number for every counter, no state.
__device__ unsigned int philox(
    unsigned int a, unsigned int b, unsigned int c, unsigned int d,
    unsigned int key, unsigned int key2) {
    for (int round = 0; round < 10; ++round) {
        const unsigned long long first = 0xD2511F53ull * a, second = 0xCD9E8D57ull * c;
        a = (unsigned int)(second >> 32) ^ b ^ key;
        c = (unsigned int)(first >> 32) ^ d ^ key2;
        b = (unsigned int)second;
        d = (unsigned int)first;
        key += 0x9E3779B9u;
        key2 += 0xBB67AE85u;
    }
    return a;
}

// 0, or 1/(1 - rate) so that the mean stays: of one element in one step of one layer.
__device__ double dropout(
    unsigned long long step, unsigned long long seed, int layer, int i, double rate) {
    const unsigned int random = philox(
        i, layer, (unsigned int)step, (unsigned int)(step >> 32),
        (unsigned int)seed, (unsigned int)(seed >> 32));
    return random < rate * 4294967296.0 ? 0.0 : 1.0 / (1.0 - rate);
}
"""
DRAW_MASK = cp.ElementwiseKernel(
    "raw uint64 clock, int32 layer, float64 rate",
    "T mask",
    "mask = dropout(clock[0], clock[2], layer, i, rate);",
    "draw_mask",
    preamble=PHILOX,
)

# ---- moving numbers ----


def size(x, axes):
    """Count the elements along some axes."""
    return math.prod(np.take(x.shape, axes).flat)


def concat(a, b, axis, out):
    """Write b behind a, along an axis."""
    middle, index = a.shape[axis], [slice(None)] * a.ndim
    index[axis] = slice(None, middle)
    out[tuple(index)] = a
    index[axis] = slice(middle, None)
    out[tuple(index)] = b


ERF = cp.ElementwiseKernel("T x", "T out", "out = erf(x);", "erf_of")


def erf(x):
    """Return the error function."""
    return ERF(x)


# ---- around a step ----


def on_device(y, classes=None):
    """Return targets on the GPU: labels as int32, checked; numbers as they are."""
    if classes is None:
        return cp.asarray(y, np.float32)
    if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() >= classes:
        raise SystemExit(f"labels are whole numbers from 0 to {classes - 1}")
    return cp.asarray(y, np.int32)


TRACK = cp.ElementwiseKernel(
    "T value, float64 weight, float64 factor",
    "T running",
    "running += T(weight) * (value * T(factor) - running);",
    "track",
)


def track(value, weight, factor, running):
    """Move a running statistic towards a batch's."""
    TRACK(value, weight, factor, running)


CLIP_GRADIENT = cp.ElementwiseKernel(
    "raw T squares, float64 most",
    "T gradient",
    """
    const T norm = sqrt(squares[0]);
    gradient *= norm > T(most) ? T(most) / (norm + T(1e-6)) : T(1);
    """,
    "clip_gradient",
)


@functools.cache
def sum_of_squares(dtype):
    """Return the array of the gradient's squared length."""
    return cp.empty(1, dtype)


def clip_gradient(gradient, most):
    """Shorten the gradient to a norm of at most `most`."""
    squares = sum_of_squares(gradient.dtype)
    reduce_over("squares", gradient, (0,), squares)
    CLIP_GRADIENT(squares, most, gradient)
