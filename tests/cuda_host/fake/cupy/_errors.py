"""CuPy's exceptions, and the device that may be missing."""

from __future__ import annotations

import os

NAMES = {
    1: "cudaErrorInvalidValue",
    35: "cudaErrorInsufficientDriver",
    100: "cudaErrorNoDevice",
    700: "cudaErrorIllegalAddress",
    900: "cudaErrorStreamCaptureUnsupported",
    901: "cudaErrorStreamCaptureInvalidated",
    904: "cudaErrorStreamCaptureUnjoined",
    906: "cudaErrorStreamCaptureImplicit",
}
MISSING = {
    "none": (100, "no CUDA-capable device is detected"),
    "no driver": (35, "CUDA driver version is insufficient for CUDA runtime version"),
}


class CUDARuntimeError(RuntimeError):
    """An error code of the CUDA runtime."""

    def __init__(self, status: int, message: str = "") -> None:
        self.status = status
        super().__init__(f"{NAMES.get(status, status)}: {message}")


class CUDADriverError(RuntimeError):
    """An error code of the CUDA driver: what a launch raises."""

    def __init__(self, status: int, message: str = "") -> None:
        self.status = status
        super().__init__(message)


class CompileException(Exception):
    """A kernel did not compile."""


def require_device() -> None:
    """Raise what CuPy raises on a machine without a device.

    ``CUDA_HOST_DEVICE`` is ``none`` or ``no driver`` for such a machine.
    """
    missing = MISSING.get(os.environ.get("CUDA_HOST_DEVICE", ""))
    if missing:
        raise CUDARuntimeError(*missing)
