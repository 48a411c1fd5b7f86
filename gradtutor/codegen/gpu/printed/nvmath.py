"""The same library through nvmath-python's bindings: the twin of cublaslt.py.

This module is read as text and never imported, like its neighbours.
"""

# ruff: noqa: ANN001, ANN201, F821 (printed into scripts as they are)

import functools
import sys

import cupy as cp
import numpy as np
from nvmath import CudaDataType
from nvmath.bindings import cublas, cublasLt

COMPUTE = {
    "float32": cublas.ComputeType.COMPUTE_32F,
    "tf32": cublas.ComputeType.COMPUTE_32F_FAST_TF32,
    "bfloat16": cublas.ComputeType.COMPUTE_32F_FAST_16BF,
    "float16": cublas.ComputeType.COMPUTE_32F_FAST_16F,
    "float64": cublas.ComputeType.COMPUTE_64F,
}
CUDA_TYPE = {
    "float32": CudaDataType.CUDA_R_32F,
    "float64": CudaDataType.CUDA_R_64F,
    "float16": CudaDataType.CUDA_R_16F,
    "bfloat16": CudaDataType.CUDA_R_16BF,
}
ATTRIBUTE, PREFERENCE = cublasLt.MatmulDescAttribute, cublasLt.MatmulPreferenceAttribute
TRANSPOSE_A, TRANSPOSE_B = ATTRIBUTE.TRANSA, ATTRIBUTE.TRANSB
EPILOGUE, BIAS_POINTER = ATTRIBUTE.EPILOGUE, ATTRIBUTE.BIAS_POINTER
MASK_POINTER, MASK_STEP = ATTRIBUTE.EPILOGUE_AUX_POINTER, ATTRIBUTE.EPILOGUE_AUX_LD
RELU, BIAS = cublasLt.Epilogue.RELU, cublasLt.Epilogue.BIAS
BIAS_GRADIENT = cublasLt.Epilogue.BGRADA
RELU_BIAS_MASK = cublasLt.Epilogue.RELU_AUX_BIAS
RELU_GRADIENT = cublasLt.Epilogue.DRELU
REFUSALS = 7, 15  # a combination that is invalid, or not supported
WORKSPACE_BYTES = 32 * 2**20


@functools.cache
def cublaslt():
    """Load the library; return a handle and its workspace."""
    try:
        handle = cublasLt.create()
    except RuntimeError as error:
        print(f"{error}: pip install 'cupy-cuda12x[ctk]'", file=sys.stderr)
        sys.exit(4)
    return handle, cp.empty(WORKSPACE_BYTES, cp.uint8)


@functools.cache
def product_plan(dtype, out_dtype, views, aligned, epilogue):
    """Return descriptor, layouts and algorithm of a product, or None if there is none.

    Row by row, out = a @ b is, column by column, out.T = b.T @ a.T.
    """
    handle, workspace = cublaslt()
    wide = dtype == "float64"
    scale = CUDA_TYPE["float64" if wide else "float32"]
    compute = COMPUTE["float64" if wide else PRECISION]
    product = cublasLt.matmul_desc_create(compute, scale)
    layouts = []
    kinds = [CUDA_TYPE[one] for one in (dtype, dtype, out_dtype)]
    for attribute, kind, (rows, columns, step, turned) in zip(
        (TRANSPOSE_A, TRANSPOSE_B, None), kinds, views, strict=True
    ):
        if attribute is not None:
            set_attribute(product, attribute, turned)
        layouts.append(cublasLt.matrix_layout_create(kind, rows, columns, step))
    if epilogue:
        set_attribute(product, EPILOGUE, epilogue)
        for pointer in (BIAS_POINTER, MASK_POINTER):  # the alignment is what counts
            set_attribute(product, pointer, workspace.data.ptr)
        bits = -(-views[2][0] // 128) * 128  # of a mask's row, should there be one
        set_attribute(product, MASK_STEP, bits)
    wish = cublasLt.matmul_preference_create()
    set_preference(wish, PREFERENCE.MAX_WORKSPACE_BYTES, WORKSPACE_BYTES)
    for side in "ABCD":
        set_preference(wish, PREFERENCE[f"MIN_ALIGNMENT_{side}_BYTES"], aligned)
    b, a, out = layouts
    answer = np.zeros(1, cublasLt.matmul_heuristic_result_dtype)
    count = np.zeros(1, np.int32)
    places = answer.ctypes.data, count.ctypes.data
    try:
        cublasLt.matmul_algo_get_heuristic(
            handle, product, b, a, out, out, wish, 1, *places
        )
    except cublasLt.cuBLASLtError as error:
        if error.status not in REFUSALS:
            raise
    found = count[0] > 0 and answer["state"][0] == 0
    return (product, layouts, answer) if found else None


def set_attribute(product, attribute, value):
    """Set one attribute of a product's descriptor."""
    value = np.array(value, cublasLt.get_matmul_desc_attribute_dtype(attribute))
    where = value.ctypes.data, value.nbytes
    cublasLt.matmul_desc_set_attribute(product, attribute, *where)


def set_preference(wish, attribute, value):
    """Set what the library is asked for."""
    value = np.array(value, cublasLt.get_matmul_preference_attribute_dtype(attribute))
    where = value.ctypes.data, value.nbytes
    cublasLt.matmul_preference_set_attribute(wish, attribute, *where)


def launch_product(plan, a, b, out, pointers):
    """Put a planned product on CuPy's stream."""
    handle, workspace = cublaslt()
    product, (b_layout, a_layout, out_layout), algorithm = plan
    for attribute, array in pointers.items():
        set_attribute(product, attribute, array.data.ptr)
    number = np.float64 if out.dtype == np.float64 else np.float32
    one, zero = np.ones(1, number), np.zeros(1, number)
    cublasLt.matmul(
        handle, product, one.ctypes.data, b.data.ptr, b_layout, a.data.ptr, a_layout,
        zero.ctypes.data, out.data.ptr, out_layout, out.data.ptr, out_layout,
        algorithm.ctypes.data, workspace.data.ptr, WORKSPACE_BYTES,
        cp.cuda.get_current_stream().ptr,
    )  # fmt: skip
