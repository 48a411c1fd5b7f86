"""Softmax, cross-entropy and the losses of class labels.

Printed into scripts of the CuPy backend; read as text, never imported.
"""

# ruff: noqa: ANN001, ANN201, F821 (printed into scripts as they are)

import functools
import math

import cupy as cp
import numpy as np

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
    out = cp.empty((*y.shape, classes), cp.float32) if out is None else out
    ONE_HOT(cp.ascontiguousarray(y).ravel(), classes, out)
    return out


GATHER = cp.ElementwiseKernel(
    "raw T table, raw S index, int32 width",
    "T out",
    "out = table[(size_t)index[i / width] * width + i % width];",
    "gather",
)


def gather(table, index, out):
    """Look up rows of a table."""
    GATHER(table.reshape(-1), index.reshape(-1), math.prod(table.shape[1:]), out)


SCATTER_ADD = cp.ElementwiseKernel(
    "raw T u, raw S index, int32 width, int32 count",
    "T out",
    """
    // Every number of the table adds up its rows in their order: the same each time.
    const int row = i / width, column = i % width;
    T total = 0;
    for (int k = 0; k < count; ++k)
        if ((int)index[k] == row) total += u[(size_t)k * width + column];
    out = total;
    """,
    "scatter_add",
)


def scatter_add(u, index, out):
    """Add up rows where they were looked up, into a table of zeros."""
    width = math.prod(out.shape[1:])
    SCATTER_ADD(u.reshape(-1), index.reshape(-1), width, index.size, out)


CROSS_ENTROPY = """
extern "C" __global__ void softmax_cross_entropy(
    const T* z, const int* y, H* dz, T* losses, int N, int K) {
    // A warp of 32 threads takes one row: loss = -log softmax(z)[y],
    // dz = (softmax(z) - one_hot(y)) / N.
    const int row = blockIdx.x * blockDim.y + threadIdx.y, lane = threadIdx.x;
    if (row >= N) return;
    const T* from = z + (size_t)row * K;
    H* into = dz + (size_t)row * K;
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
def cross_entropy_kernel(dtype, slope_dtype):
    """Return the compiled kernel."""
    code = typedefs(T=dtype, H=slope_dtype) + CROSS_ENTROPY
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
    cross_entropy_kernel(z.dtype, dz.dtype)((-(-N // 4),), (32, 4), arguments)
    mean_over(losses, (0,), loss)


def nll_loss(p, y):
    """Mean of -log p[y] over the batch, from probabilities p."""
    return -cp.mean(cp.log((p * one_hot(y, p.shape[-1])).sum(axis=-1)))


def svm_loss(s, y):
    """Mean over rows of the sum of max(0, s[j] - s[y] + 1) over all j but y."""
    own = (s * one_hot(y, s.shape[-1])).sum(axis=-1, keepdims=True)
    return cp.mean(cp.maximum(s - own + 1, 0).sum(axis=-1) - 1)
