"""Lets the stand-in for cuBLAS put its work on this package's streams."""

from __future__ import annotations

import ctypes
import os
import sys

from cupy import _streams
from cupy._memory import bytes_at
from cupy._work import Operation

RUN = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
ENQUEUE = ctypes.CFUNCTYPE(
    ctypes.c_int,  # 0: done
    ctypes.c_void_p,  # stream
    ctypes.c_char_p,  # name
    ctypes.c_void_p,  # run
    ctypes.c_void_p,  # its data
    ctypes.c_int,  # how many ranges of memory
    ctypes.POINTER(ctypes.c_uint64),  # address and bytes of each
)


@ENQUEUE
def enqueue(stream, name, run, data, count, ranges) -> int:
    """Queue a product, or record it; its operands must lie in device memory."""
    try:
        arrays = [bytes_at(ranges[2 * i], ranges[2 * i + 1]) for i in range(count)]
        function = RUN(run)
        work = Operation(name.decode(), lambda *_: function(data), arrays)
        _streams.by_pointer(stream or 0).add(work)
    except Exception as error:
        print(f"{name.decode()}: {error}", file=sys.stderr)
        return 1
    return 0


def connect() -> None:
    """Give the library named by ``CUDA_HOST_BLAS`` the way to the streams."""
    if path := os.environ.get("CUDA_HOST_BLAS"):
        ctypes.CDLL(path).cuda_host_enqueue_with(enqueue)
