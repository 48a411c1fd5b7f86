"""Random numbers, small moves, and what stands around a step.

Printed into scripts of the CuPy backend; read as text, never imported.
"""

# ruff: noqa: ANN001, ANN201, F821 (printed into scripts as they are)

import functools
import math

import cupy as cp
import numpy as np

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


def size(x, axes):
    """Count the elements along some axes."""
    return math.prod(np.take(x.shape, axes).flat)


def concat(a, b, axis, out):
    """Write b behind a, along an axis."""
    middle, index = a.shape[axis], [slice(None)] * a.ndim
    index[axis] = slice(None, middle)
    convert(a, out[tuple(index)])
    index[axis] = slice(middle, None)
    convert(b, out[tuple(index)])


CONVERT = cp.ElementwiseKernel("S x", "T out", "out = T(x)", "convert")


def convert(x, out):
    """Copy x into out, whatever the types of the two."""
    return CONVERT(x, out)


ERF = cp.ElementwiseKernel("T x", "T out", "out = erf(x);", "erf_of")


def erf(x):
    """Return the error function."""
    return ERF(x)


GATHER_BATCH = cp.ElementwiseKernel(
    "raw S data, raw Y targets, raw int32 order, raw uint64 clock, "
    "int32 F, int32 G, int32 W, int32 V, int32 N, int32 first",
    "raw T X, raw Y y",
    """
    // Of each of the next N examples F numbers of data go to X, and G of targets to y:
    // in X lie W of one example side by side, then W of the next; in y V of each.
    if (i < N * F) {
        const size_t row = order[clock[1] + first + i / W % N];
        X[i] = data[row * F + i / W / N * W + i % W];
    } else {
        const int j = i - N * F;
        const size_t row = order[clock[1] + first + j / V % N];
        y[j] = targets[row * G + j / V / N * V + j % V];
    }
    """,
    "gather_batch",
)


def gather_batch(stepper, X, y, W, V, N, first=0):
    """Gather the next N examples into X and y: W and V numbers of each side by side."""
    places = stepper.X, stepper.y, stepper.order, stepper.clock
    sizes = stepper.X.shape[1], math.prod(stepper.y.shape[1:]), W, V, N, first
    GATHER_BATCH(*places, *sizes, X, y, size=X.size + y.size)


def on_device(y, classes=None):
    """Return targets on the GPU: labels as int32, checked; numbers as they are."""
    whole = np.issubdtype(y.dtype, np.integer)
    if classes and not (whole and y.min() >= 0 and y.max() < classes):
        raise SystemExit(f"labels are whole numbers from 0 to {classes - 1}")
    return cp.asarray(y, np.int32 if whole else np.float32)


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
