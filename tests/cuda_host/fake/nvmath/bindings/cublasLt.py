"""nvmath.bindings.cublasLt as it is called: numbers and addresses in, errors raised.

test_cupy_products.py compares signatures, numbers and types with the real package's.
"""

from __future__ import annotations

import ctypes
import os
from enum import IntEnum
from functools import cache

import numpy as np


class MatmulDescAttribute(IntEnum):
    """See `cublasLtMatmulDescAttributes_t`."""

    TRANSA = 3
    TRANSB = 4
    EPILOGUE = 7
    BIAS_POINTER = 8
    EPILOGUE_AUX_POINTER = 11
    EPILOGUE_AUX_LD = 12


class MatmulPreferenceAttribute(IntEnum):
    """See `cublasLtMatmulPreferenceAttributes_t`."""

    MAX_WORKSPACE_BYTES = 1
    MIN_ALIGNMENT_A_BYTES = 5
    MIN_ALIGNMENT_B_BYTES = 6
    MIN_ALIGNMENT_C_BYTES = 7
    MIN_ALIGNMENT_D_BYTES = 8


class Epilogue(IntEnum):
    """See `cublasLtEpilogue_t`."""

    RELU = 2
    BIAS = 4
    RELU_BIAS = 6
    RELU_AUX_BIAS = 134
    DRELU = 136
    BGRADA = 256


matmul_heuristic_result_dtype = np.dtype(
    [
        ("algo", [("data_", np.uint64, (8,))]),
        ("workspace_size", np.uint64),
        ("state", np.int32),
        ("waves_count", np.float32),
        ("reserved", np.int32, (4,)),
    ],
    align=True,
)


class cuBLASLtError(Exception):
    """What the library answered with a status other than success."""

    def __init__(self, status: int) -> None:
        super().__init__(f"cuBLASLt status {status}")
        self.status = status


def check_status(status):
    if status != 0:
        raise cuBLASLtError(status)


@cache
def library() -> ctypes.CDLL:
    """Open the stand-in; where there is no library, raise what nvmath raises."""
    path = os.environ.get("CUDA_HOST_BLAS")
    if not path:
        raise RuntimeError('Failure finding "libcublasLt.so"')
    return ctypes.CDLL(path)


def made(create, *arguments):
    """Call a function that makes an object; return its address."""
    item = ctypes.c_void_p()
    check_status(create(ctypes.byref(item), *arguments))
    return item.value


def pointer(address):
    return ctypes.c_void_p(int(address))


# ---- the functions, with nvmath's arguments ----


def create():
    return made(library().cublasLtCreate)


def matmul_desc_create(compute_type, scale_type):
    return made(library().cublasLtMatmulDescCreate, int(compute_type), int(scale_type))


def get_matmul_desc_attribute_dtype(attr):
    wide = (8, 11, 12)  # two pointers and a leading dimension
    narrow = np.uint32 if attr == MatmulDescAttribute.EPILOGUE else np.int32
    return np.int64 if attr in wide else narrow


def matmul_desc_set_attribute(matmul_desc, attr, buf, size_in_bytes):
    arguments = int(attr), pointer(buf), ctypes.c_size_t(size_in_bytes)
    call = library().cublasLtMatmulDescSetAttribute
    check_status(call(pointer(matmul_desc), *arguments))


def matrix_layout_create(type, rows, cols, ld):
    sizes = ctypes.c_uint64(rows), ctypes.c_uint64(cols), ctypes.c_int64(ld)
    return made(library().cublasLtMatrixLayoutCreate, int(type), *sizes)


def matmul_preference_create():
    return made(library().cublasLtMatmulPreferenceCreate)


def get_matmul_preference_attribute_dtype(attr):
    return np.uint64 if attr == 1 else np.uint32


def matmul_preference_set_attribute(pref, attr, buf, size_in_bytes):
    arguments = int(attr), pointer(buf), ctypes.c_size_t(size_in_bytes)
    call = library().cublasLtMatmulPreferenceSetAttribute
    check_status(call(pointer(pref), *arguments))


def matmul_algo_get_heuristic(
    light_handle, operation_desc, adesc, bdesc, cdesc, ddesc, preference,
    requested_algo_count, heuristic_results_array, return_algo_count,
):  # fmt: skip
    objects = light_handle, operation_desc, adesc, bdesc, cdesc, ddesc, preference
    check_status(
        library().cublasLtMatmulAlgoGetHeuristic(
            *map(pointer, objects),
            requested_algo_count,
            pointer(heuristic_results_array),
            pointer(return_algo_count),
        )
    )


def matmul(
    light_handle, compute_desc, alpha, a, adesc, b, bdesc, beta, c, cdesc, d, ddesc,
    algo, workspace, workspace_size_in_bytes, stream,
):  # fmt: skip
    given = alpha, a, adesc, b, bdesc, beta, c, cdesc, d, ddesc, algo, workspace
    check_status(
        library().cublasLtMatmul(
            pointer(light_handle),
            pointer(compute_desc),
            *map(pointer, given),
            ctypes.c_size_t(workspace_size_in_bytes),
            pointer(stream),
        )
    )
