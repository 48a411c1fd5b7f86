"""The part of the CUDA runtime that scripts call."""

from __future__ import annotations

import ctypes
import os
from typing import Any

from cupy import _streams
from cupy._errors import CUDARuntimeError, require_device
from cupy._memory import bytes_at
from cupy._work import Operation

__all__ = ["CUDARuntimeError"]

memcpyHostToHost, memcpyHostToDevice, memcpyDeviceToHost, memcpyDeviceToDevice = range(
    4
)
streamCaptureModeGlobal, streamCaptureModeThreadLocal, streamCaptureModeRelaxed = range(
    3
)
streamNonBlocking = 1
is_hip = False


def getDeviceCount() -> int:
    """Count the devices; raises where there is none."""
    require_device()
    return int(os.environ.get("CUDA_HOST_DEVICES", "1"))


def getDevice() -> int:
    """Return the current device."""
    require_device()
    return 0


def getDeviceProperties(device: int) -> dict[str, Any]:
    """Describe a device."""
    require_device()
    return {
        "name": b"stand-in on the host",
        "major": 9,
        "minor": 0,
        "multiProcessorCount": multiprocessors(),
        "totalGlobalMem": 80 << 30,
        "sharedMemPerBlock": 49152,
        "sharedMemPerBlockOptin": 232448,
        "warpSize": 32,
        "clockRate": 1980000,
        "memoryClockRate": 2619000,
        "memoryBusWidth": 5120,
        "l2CacheSize": 50 << 20,
    }


def multiprocessors() -> int:
    """Return how many multiprocessors the device has."""
    return int(os.environ.get("CUDA_HOST_MULTIPROCESSORS", "132"))


def runtimeGetVersion() -> int:
    """Return the runtime's version."""
    return 13000


def driverGetVersion() -> int:
    """Return the driver's version."""
    require_device()
    return 13000


def memGetInfo() -> tuple[int, int]:
    """Return free and all memory, bytes."""
    require_device()
    return 60 << 30, 80 << 30


def deviceSynchronize() -> None:
    """Wait for all streams."""
    for stream in list(_streams.Stream.all):
        stream.synchronize()


def streamSynchronize(stream: int) -> None:
    """Wait for a stream."""
    _streams.by_pointer(stream).synchronize()


def streamIsCapturing(stream: int) -> bool:
    """Whether a stream is capturing."""
    return _streams.by_pointer(stream).is_capturing()


def memsetAsync(pointer: int, value: int, size: int, stream: int) -> None:
    """Set bytes on the device."""
    to = bytes_at(pointer, size)
    work = Operation("memset", lambda array: array.fill(value), [to])
    _streams.by_pointer(stream).add(work)


def memcpyAsync(to: int, source: int, size: int, kind: int, stream: int) -> None:
    """Copy bytes from or to the device; the host's side must stay where it is."""

    def copy(*_: Any) -> None:
        ctypes.memmove(to, source, size)

    sides = {1: [to], 2: [source], 3: [to, source]}[kind]
    arrays = [bytes_at(pointer, size) for pointer in sides]
    _streams.by_pointer(stream).add(Operation("memcpy", copy, arrays))


def memset(pointer: int, value: int, size: int) -> None:
    """Set bytes and wait."""
    memsetAsync(pointer, value, size, 0)


def memcpy(to: int, source: int, size: int, kind: int) -> None:
    """Copy bytes and wait."""
    memcpyAsync(to, source, size, kind, 0)
