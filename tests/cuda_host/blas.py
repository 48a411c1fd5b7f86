"""Compile the stand-in for cuBLAS and cuBLASLt."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cuda_host import host_library

SOURCES = Path(__file__).parent / "blas_stand_in"
FLAGS = [
    "-std=c++17",
    "-O3",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-fno-gnu-unique",
    "-fwrapv",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused",
]


def library(real_headers: tuple[str, ...] = ()) -> Path:
    """Return the path of the library that plays libcublas and libcublasLt.

    Parameters
    ----------
    real_headers : tuple of str
        Folders with NVIDIA's own cublasLt.h and cuda_runtime.h: the stand-in is then
        compiled against their declarations.
    """
    names = [f'#include "{SOURCES / name}"' for name in ("cublas.cpp", "cublaslt.cpp")]
    texts = b"".join(path.read_bytes() for path in sorted(SOURCES.iterdir()))
    flags = [f"-DCUDA_HOST_SOURCES={hashlib.sha256(texts).hexdigest()}"]
    flags += [f"-I{folder}" for folder in real_headers]
    if real_headers:
        flags.append("-DCUDA_HOST_REAL_HEADERS")
    return host_library.compile_once(".so", "\n".join(names), (*FLAGS, *flags))
