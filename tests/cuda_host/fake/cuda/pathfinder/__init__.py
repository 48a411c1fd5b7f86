"""Finds the stand-in for NVIDIA's libraries, as cuda-pathfinder the real ones."""

from __future__ import annotations

import os
from dataclasses import dataclass

LIBRARIES = ("cublas", "cublasLt")


class DynamicLibNotFoundError(RuntimeError):
    """There is no such library."""


@dataclass(frozen=True)
class LoadedDL:
    """Where a library was found."""

    abs_path: str
    was_already_loaded_from_elsewhere: bool = False
    _handle_uint: int = 0
    found_via: str = "stand-in"


def load_nvidia_dynamic_lib(libname: str) -> LoadedDL:
    """Return the path of the stand-in's library, named by ``CUDA_HOST_BLAS``."""
    path = os.environ.get("CUDA_HOST_BLAS")
    if libname not in LIBRARIES or not path:
        raise DynamicLibNotFoundError(f'Failure finding "lib{libname}.so"')
    return LoadedDL(path)
