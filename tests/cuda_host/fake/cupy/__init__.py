"""A stand-in for CuPy on a machine without a GPU: see ../../README.md.

Kernels are compiled by the host's compiler; streams, captures and graphs behave as on a
device. Only what generated scripts use is here, and it is as strict as CuPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cupy import _blas, _memory, cuda
from cupy._arrays import array, asarray, ndarray
from cupy._elementwise import ElementwiseKernel
from cupy._functions import (
    TABLE,
    arange,
    ascontiguousarray,
    asnumpy,
    broadcast_to,
    copyto,
    empty,
    empty_like,
    flip,
    full,
    ones,
    ravel,
    reshape,
    transpose,
    zeros,
    zeros_like,
)
from cupy._kernels import RawKernel, RawModule

__version__ = "14.2.0"
__all__ = [
    "ElementwiseKernel",
    "RawKernel",
    "RawModule",
    "arange",
    "array",
    "asarray",
    "ascontiguousarray",
    "asnumpy",
    "broadcast_to",
    "copyto",
    "cuda",
    "empty",
    "empty_like",
    "flip",
    "full",
    "ndarray",
    "ones",
    "ravel",
    "reshape",
    "transpose",
    "zeros",
    "zeros_like",
]

TYPES = """
float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool_ dtype
inf nan pi newaxis finfo iinfo result_type
""".split()  # noqa: SIM905 (a table of words)
pool = _memory.MemoryPool()


def get_default_memory_pool() -> _memory.MemoryPool:
    """Return the pool of device memory."""
    return pool


def __getattr__(name: str) -> Any:
    if name in TYPES:
        return getattr(np, name)
    if name in TABLE:
        return TABLE[name]
    raise AttributeError(f"the stand-in for CuPy has no {name!r}")


_blas.connect()
