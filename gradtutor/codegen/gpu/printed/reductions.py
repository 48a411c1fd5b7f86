"""Sums, means and largest numbers over axes, in the same order every time.

Printed into scripts of the CuPy backend; read as text, never imported.
"""

# ruff: noqa: ANN001, ANN003, ANN201 (printed into scripts as they are)

import functools
import math

import cupy as cp
import numpy as np

REDUCE = """
extern "C" __global__ void reduce(
    const S* x, T* out, int R, int inner, int parts, T scale) {
    // out[o, p, k] = scale * the sum, or the largest, over part p of r of x[o, r, k].
    // A block takes blockDim.x columns k at once; its rows halve until one is left.
    extern __shared__ unsigned char memory[];
    T* part = (T*)memory;
    const int tiles = (inner + blockDim.x - 1) / blockDim.x;
    const int k = blockIdx.x % tiles * blockDim.x + threadIdx.x;
    const int p = blockIdx.x / tiles % parts, length = (R + parts - 1) / parts;
    const size_t o = blockIdx.x / tiles / parts;
    const int place = threadIdx.y * blockDim.x + threadIdx.x;
    T total = START;
    if (k < inner)
        for (int r = p * length + threadIdx.y; r < min(R, (p + 1) * length);
             r += blockDim.y)
            total = JOIN(total, VALUE(x[(o * R + r) * inner + k]));
    part[place] = total;
    for (int half = blockDim.y / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.y < half)
            part[place] = JOIN(part[place], part[place + half * blockDim.x]);
    }
    if (threadIdx.y == 0 && k < inner)
        out[(o * parts + p) * inner + k] = scale * part[threadIdx.x];
}
"""
JOINED = {  # what START, JOIN(a, b) and VALUE(x) stand for; 0x7f800000 is infinity
    "sum": ("0", "a + b", "x"),
    "squares": ("0", "a + b", "x * x"),
    "max": ("-__int_as_float(0x7f800000)", "a >= b || isnan(a) ? a : b", "x"),
    "min": ("__int_as_float(0x7f800000)", "a <= b || isnan(a) ? a : b", "x"),
}


@functools.cache
def reduction(kind, dtype, out_dtype):
    """Return the compiled kernel of one kind of reduction."""
    start, join, value = JOINED[kind]
    head = typedefs(S=dtype, T=out_dtype) + f"#define START T({start})\n"
    head += f"__device__ T JOIN(T a, T b) {{ return {join}; }}\n"
    head += f"__device__ T VALUE(T x) {{ return {value}; }}\n"
    return cp.RawKernel(head + REDUCE, "reduce")


C_TYPES = {
    "bool": "bool",
    "float32": "float",
    "float64": "double",
    "float16": "__half",
    "bfloat16": "__nv_bfloat16",
}
HEADERS = "#include <cuda_fp16.h>\n#include <cuda_bf16.h>\n"


def typedefs(**types):
    """Return the head of a raw kernel: what its types stand for."""
    kinds = {T: np.dtype(dtype) for T, dtype in types.items()}
    head = HEADERS if any(kind.itemsize == 2 for kind in kinds.values()) else ""
    names = {T: C_TYPES[kind.name] for T, kind in kinds.items()}
    return head + "".join(f"typedef {name} {T};\n" for T, name in names.items())


def sides(x, axes):
    """Return the sizes before, along and after some axes that follow each other."""
    first, last = (axes[0], axes[-1] + 1) if axes else (0, 0)
    parts = x.shape[:first], x.shape[first:last], x.shape[last:]
    return [math.prod(part) for part in parts]


def block_of(R, inner):
    """Return a block's shape: columns side by side, rows that share the work."""
    columns = min(32, 1 << (inner - 1).bit_length())
    return columns, min(1024 // columns, 1 << max(R - 1, 1).bit_length())


def parts_of(outer, R, inner):
    """Return into how many parts a reduction is cut: 1, or many of a few long ones."""
    columns, _ = block_of(R, inner)
    blocks = outer * -(-inner // columns)
    parts = min(R * columns // 8192, 1024 // blocks)
    return parts if parts > 3 else 1


@functools.cache
def array_of_parts(size, dtype):
    """Return the array of what the parts of a reduction come to, made once."""
    return cp.empty(size, dtype)


def reduce_over(kind, x, axes, out, scale=1.0):
    """Reduce some axes of x into out, in the same order every time.

    Few blocks with many numbers would leave a device idle: then parts come first.
    """
    outer, R, inner = sides(x, axes)
    parts = parts_of(outer, R, inner)
    if parts > 1:
        made = array_of_parts(outer * parts * inner, out.dtype)
        launch_reduction(kind, x, made, outer, R, inner, parts)
        kind, x, R = "sum" if kind == "squares" else kind, made, parts
    launch_reduction(kind, x, out, outer, R, inner, 1, scale)
    return out


def launch_reduction(kind, x, out, outer, R, inner, parts, scale=1.0):
    """Reduce each of some parts of the middle axis of x (outer, R, inner) into out."""
    columns, rows = block_of(-(-R // parts), inner)
    grid = (outer * parts * -(-inner // columns),)
    numbers = np.int32(R), np.int32(inner), np.int32(parts), out.dtype.type(scale)
    shared = columns * rows * out.dtype.itemsize
    kernel = reduction(kind, x.dtype, out.dtype)
    kernel(grid, (columns, rows), (x, out, *numbers), shared_mem=shared)


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
