"""Devices, streams, events and memory."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from cupy import _streams
from cupy._errors import CompileException, require_device
from cupy._memory import MemoryPointer, MemoryPool, alloc, using_allocator
from cupy._streams import Event, Graph, Stream, get_elapsed_time
from cupy._streams import current as get_current_stream
from cupy.cuda import compiler, driver, nccl, runtime

__all__ = [
    "CompileException",
    "Device",
    "Event",
    "Graph",
    "MemoryPointer",
    "MemoryPool",
    "Stream",
    "alloc",
    "alloc_pinned_memory",
    "compiler",
    "driver",
    "get_current_stream",
    "get_elapsed_time",
    "is_available",
    "nccl",
    "runtime",
    "using_allocator",
]


def is_available() -> bool:
    """Whether there is a device."""
    return os.environ.get("CUDA_HOST_DEVICE", "") == ""


class Device:
    """The one device, an H100 by its numbers."""

    def __init__(self, device: Any = None) -> None:
        require_device()
        self.id = int(device or 0)

    compute_capability = "90"
    attributes = {  # noqa: RUF012 - a property of CuPy's Device
        "MultiProcessorCount": 132,
        "MaxSharedMemoryPerBlock": 49152,
        "MaxSharedMemoryPerBlockOptin": 232448,
        "MaxThreadsPerBlock": 1024,
        "WarpSize": 32,
        "L2CacheSize": 50 << 20,
    }
    mem_info = (60 << 30, 80 << 30)

    def synchronize(self) -> None:
        """Wait for all streams."""
        runtime.deviceSynchronize()

    def use(self) -> Device:
        """Do nothing: there is one."""
        return self

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __int__(self) -> int:
        return self.id


def alloc_pinned_memory(size: int) -> np.ndarray:
    """Return host memory of some bytes, as a buffer."""
    _streams.require_device()
    return np.full(size, 0xFF, np.uint8)
