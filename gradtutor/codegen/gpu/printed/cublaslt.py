"""Matrix products on the GPU, printed into scripts of the CuPy backend as they are.

CuPy's own products refuse to be recorded in a CUDA graph, so the script calls NVIDIA's
library itself. This module is read as text and never imported.
"""

# ruff: noqa: ANN001, ANN002, ANN201, F821 (printed into scripts as they are)

import ctypes
import functools
import sys

import cupy as cp
import numpy as np
from cuda import pathfinder

# The numbers of cublasLt.h and library_types.h.
CUBLAS_COMPUTE = {"float32": 68, "tf32": 77, "bfloat16": 75, "float16": 74}
CUBLAS_COMPUTE_64F = 70
CUDA_TYPE = {"float32": 0, "float64": 1}
TRANSPOSE_A, TRANSPOSE_B, EPILOGUE, BIAS_POINTER = 3, 4, 7, 8
RELU, BIAS, BIAS_GRADIENT = 2, 4, 256
MAX_WORKSPACE, MIN_ALIGNMENTS = 1, (5, 6, 7, 8)
NOT_SUPPORTED = 15
WORKSPACE_BYTES = 32 * 2**20


class Algorithm(ctypes.Structure):
    """cublasLtMatmulHeuristicResult_t: how the library wants to do a product."""

    _fields_ = (
        ("algorithm", ctypes.c_uint64 * 8),
        ("workspace", ctypes.c_size_t),
        ("status", ctypes.c_int),
        ("waves", ctypes.c_float),
        ("reserved", ctypes.c_int * 4),
    )


@functools.cache
def cublaslt():
    """Load the library; return it, a handle and its workspace."""
    try:
        place = pathfinder.load_nvidia_dynamic_lib("cublasLt").abs_path
    except RuntimeError as error:
        print(f"{error}: pip install 'cupy-cuda12x[ctk]'", file=sys.stderr)
        sys.exit(4)
    library = ctypes.CDLL(place)
    handle = ctypes.c_void_p()
    succeed(library.cublasLtCreate(ctypes.byref(handle)))
    return library, handle, cp.empty(WORKSPACE_BYTES, cp.uint8)


def succeed(status):
    """Raise an error unless a call of the library went well."""
    if status != 0:
        raise RuntimeError(f"cuBLASLt answers with status {status} (see cublas_api.h)")


def made(create, *arguments):
    """Call a function of the library that makes an object."""
    item = ctypes.c_void_p()
    succeed(create(ctypes.byref(item), *arguments))
    return item


def as_columns(x):
    """Return how the library, which counts by columns, sees x.T: rows, columns, step.

    The last answer says whether it must turn it: where x itself is a view x.T.
    """
    rows, columns = x.shape
    item = x.dtype.itemsize
    if 0 in x.strides:
        raise ValueError("a product takes no broadcast matrix")
    if x.strides[1] == item or columns == 1:
        return columns, rows, max(x.strides[0] // item, columns), False
    if x.strides[0] == item or rows == 1:
        return rows, columns, max(x.strides[1] // item, rows), True
    raise ValueError(f"no axis of this matrix is contiguous: strides {x.strides}")


def alignment(*arrays):
    """Return how many bytes, up to 256, divide the place of each of these arrays."""
    bits = 256
    for x in arrays:
        bits |= x.data.ptr
    return bits & -bits


@functools.cache
def product_plan(dtype, views, aligned, epilogue):
    """Return descriptor, layouts and algorithm of a product, or None if there is none.

    Row by row, out = a @ b is, column by column, out.T = b.T @ a.T.
    """
    library, handle, _ = cublaslt()
    kind = CUDA_TYPE[dtype]
    compute = CUBLAS_COMPUTE_64F if dtype == "float64" else CUBLAS_COMPUTE[PRECISION]
    product = made(library.cublasLtMatmulDescCreate, compute, kind)
    layouts = []
    for attribute, (rows, columns, step, turned) in zip(
        (TRANSPOSE_A, TRANSPOSE_B, None), views, strict=True
    ):
        if attribute is not None:
            set_attribute(product, attribute, ctypes.c_int32(turned))
        sizes = ctypes.c_uint64(rows), ctypes.c_uint64(columns), ctypes.c_int64(step)
        layouts.append(made(library.cublasLtMatrixLayoutCreate, kind, *sizes))
    if epilogue:
        set_attribute(product, EPILOGUE, ctypes.c_int32(epilogue))
        set_attribute(product, BIAS_POINTER, ctypes.c_void_p(cublaslt()[2].data.ptr))
    wish = made(library.cublasLtMatmulPreferenceCreate)
    wanted = {MAX_WORKSPACE: ctypes.c_size_t(WORKSPACE_BYTES)}
    wanted |= dict.fromkeys(MIN_ALIGNMENTS, ctypes.c_uint32(aligned))
    for attribute, value in wanted.items():
        where = ctypes.byref(value), ctypes.sizeof(value)
        succeed(library.cublasLtMatmulPreferenceSetAttribute(wish, attribute, *where))
    b, a, out = layouts
    answer, count = Algorithm(), ctypes.c_int(0)
    status = library.cublasLtMatmulAlgoGetHeuristic(
        handle, product, b, a, out, out, wish, 1,
        ctypes.byref(answer), ctypes.byref(count),
    )  # fmt: skip
    if status != NOT_SUPPORTED:
        succeed(status)
    found = status == 0 and count.value > 0 and answer.status == 0
    return (product, layouts, answer) if found else None


def set_attribute(product, attribute, value):
    """Set one attribute of a product's descriptor."""
    library, _, _ = cublaslt()
    where = ctypes.byref(value), ctypes.sizeof(value)
    succeed(library.cublasLtMatmulDescSetAttribute(product, attribute, *where))


def matmul(a, b, out, bias=None, relu=False, bias_gradient=None):
    """Write relu(a @ b + bias) into out; bias_gradient becomes the sum of b's rows.

    What the library does not offer on this device, a kernel of ours does after it.
    """
    if not GRAPH and PRECISION == "float32":
        cp.matmul(a, b, out=out)
        return finish_product(b, out, bias, relu, bias_gradient)
    key = out.dtype.name, (as_columns(b), as_columns(a), as_columns(out))
    key += (alignment(a, b, out),)
    epilogue = RELU * relu + BIAS * (bias is not None)
    epilogue += BIAS_GRADIENT * (bias_gradient is not None)
    plan = product_plan(*key, epilogue) if epilogue else None
    if plan is not None:
        vector = bias if bias is not None else bias_gradient
        set_attribute(plan[0], BIAS_POINTER, ctypes.c_void_p(vector.data.ptr))
    plain = plan or product_plan(*key, 0)
    if plain is None:
        raise RuntimeError(f"cuBLASLt has no algorithm for {a.shape} @ {b.shape}")
    launch_product(plain, a, b, out)
    if plan is None:
        finish_product(b, out, bias, relu, bias_gradient)
    return None


def launch_product(plan, a, b, out):
    """Put a planned product on CuPy's stream."""
    library, handle, workspace = cublaslt()
    product, (b_layout, a_layout, out_layout), algorithm = plan
    number = ctypes.c_double if out.dtype == np.float64 else ctypes.c_float
    one, zero = number(1), number(0)
    succeed(library.cublasLtMatmul(
        handle, product, ctypes.byref(one),
        ctypes.c_void_p(b.data.ptr), b_layout, ctypes.c_void_p(a.data.ptr), a_layout,
        ctypes.byref(zero), ctypes.c_void_p(out.data.ptr), out_layout,
        ctypes.c_void_p(out.data.ptr), out_layout, ctypes.byref(algorithm),
        ctypes.c_void_p(workspace.data.ptr), ctypes.c_size_t(WORKSPACE_BYTES),
        ctypes.c_void_p(cp.cuda.get_current_stream().ptr),
    ))  # fmt: skip


ADD_BIAS = cp.ElementwiseKernel(
    "T bias, bool relu",
    "T out",
    "const T z = out + bias; out = relu && z < 0 ? T(0) : z;",
    "add_bias",
)


def finish_product(b, out, bias, relu, bias_gradient):
    """Do what a product would have done on the way out."""
    if bias is not None:
        ADD_BIAS(bias, relu, out)
    if bias_gradient is not None:
        sum_over(b, (0,), bias_gradient)
