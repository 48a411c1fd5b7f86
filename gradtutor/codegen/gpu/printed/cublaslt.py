"""NVIDIA's library of matrix products through ctypes, printed into CuPy scripts.

CuPy's own products refuse to be recorded in a CUDA graph, so the script calls the
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
COMPUTE = {"float32": 68, "tf32": 77, "bfloat16": 75, "float16": 74, "float64": 70}
CUDA_TYPE = {"float32": 0, "float64": 1, "float16": 2, "bfloat16": 14}
TRANSPOSE_A, TRANSPOSE_B, EPILOGUE, BIAS_POINTER = 3, 4, 7, 8
MASK_POINTER, MASK_STEP = 11, 12
RELU, BIAS, BIAS_GRADIENT = 2, 4, 256
RELU_BIAS_MASK, RELU_GRADIENT = 134, 136
MAX_WORKSPACE, MIN_ALIGNMENTS = 1, (5, 6, 7, 8)
REFUSALS = 7, 15  # a combination that is invalid, or not supported
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


@functools.cache
def product_plan(dtype, out_dtype, views, aligned, epilogue):
    """Return descriptor, layouts and algorithm of a product, or None if there is none.

    Row by row, out = a @ b is, column by column, out.T = b.T @ a.T.
    """
    library, handle, workspace = cublaslt()
    wide = dtype == "float64"
    scale = CUDA_TYPE["float64" if wide else "float32"]
    compute = COMPUTE["float64" if wide else PRECISION]
    product = made(library.cublasLtMatmulDescCreate, compute, scale)
    layouts = []
    kinds = [CUDA_TYPE[one] for one in (dtype, dtype, out_dtype)]
    for attribute, kind, (rows, columns, step, turned) in zip(
        (TRANSPOSE_A, TRANSPOSE_B, None), kinds, views, strict=True
    ):
        if attribute is not None:
            set_attribute(product, attribute, ctypes.c_int32(turned))
        sizes = ctypes.c_uint64(rows), ctypes.c_uint64(columns), ctypes.c_int64(step)
        layouts.append(made(library.cublasLtMatrixLayoutCreate, kind, *sizes))
    if epilogue:
        set_attribute(product, EPILOGUE, ctypes.c_int32(epilogue))
        for pointer in (BIAS_POINTER, MASK_POINTER):  # the alignment is what counts
            set_attribute(product, pointer, ctypes.c_void_p(workspace.data.ptr))
        bits = -(-views[2][0] // 128) * 128  # of a mask's row, should there be one
        set_attribute(product, MASK_STEP, ctypes.c_int64(bits))
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
    if status not in REFUSALS:
        succeed(status)
    found = status == 0 and count.value > 0 and answer.status == 0
    return (product, layouts, answer) if found else None


def set_attribute(product, attribute, value):
    """Set one attribute of a product's descriptor."""
    where = ctypes.byref(value), ctypes.sizeof(value)
    succeed(cublaslt()[0].cublasLtMatmulDescSetAttribute(product, attribute, *where))


def launch_product(plan, a, b, out, pointers):
    """Put a planned product on CuPy's stream."""
    library, handle, workspace = cublaslt()
    product, (b_layout, a_layout, out_layout), algorithm = plan
    for attribute, array in pointers.items():
        set_attribute(product, attribute, ctypes.c_void_p(array.data.ptr))
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
