"""Compile kernels as CuPy does on a machine with a GPU: NVRTC needs no driver."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path

from places import WHOLE

from cuda_host.kernel_log import Kernel

#: What CuPy 14 puts before every text but raw ones (cupy/_core/core.pyx).
HEADERS = (
    "cupy/complex.cuh",
    "cupy/carray.cuh",
    "cupy/atomics.cuh",
    "cupy/math_constants.h",
)
ARCHITECTURES = ("sm_80", "sm_90")


class NvrtcError(Exception):
    """A kernel that NVRTC refuses, or about which it warns; the message is its log."""


def folder(package: str) -> list[Path]:
    """Return where a package lies, without importing it."""
    found = importlib.util.find_spec(package)
    return [Path(p) for p in found.submodule_search_locations or ()] if found else []


def in_turn(kernels: Iterable[Kernel]) -> Iterator[tuple[Kernel, str]]:
    """Yield each kernel with an architecture in turn; of the whole, with all."""
    for number, kernel in enumerate(kernels):
        chosen = ARCHITECTURES if WHOLE else ARCHITECTURES[number % 2 :][:1]
        yield from ((kernel, architecture) for architecture in chosen)


def missing() -> str:
    """Say what is not installed, or nothing."""
    needed = {
        "nvidia-cuda-nvrtc": libraries(),
        "nvidia-cuda-runtime": includes("cuda_fp16.h"),
        "nvidia-cuda-crt": includes("crt/host_defines.h"),
        "cupy-cuda13x": folder("cupy"),
    }
    return ", ".join(name for name, found in needed.items() if not found)


def libraries() -> list[Path]:
    """Find libnvrtc in NVIDIA's wheels, the newest last."""
    return sorted(
        path for root in folder("nvidia") for path in root.glob("*/lib/libnvrtc.so.*")
    )


def includes(header: str) -> list[Path]:
    """Find the folders of NVIDIA's wheels that hold a header, the newest last."""
    found = [root.glob(f"*/include/{header}") for root in folder("nvidia")]
    depth = header.count("/")
    return sorted({path.parents[depth] for paths in found for path in paths})


def options(kernel: Kernel, architecture: str) -> tuple[str, ...]:
    """Return the compiler's options in CuPy's order.

    Learnt from CuPy 14.2's ``compile_with_cache`` and ``_compile_with_cache_cuda``;
    test_nvrtc.py compares the first part.
    """
    core = folder("cupy")[0] / "_core" / "include"
    standard = any("-std=" in option for option in kernel.options)
    return (
        *(
            f"-I{core / 'cupy' / '_cccl' / part}"
            for part in ("cub", "thrust", "libcudacxx")
        ),
        *kernel.options,
        *(() if standard else ("--std=c++17",)),
        f"-I{core}",
        f"-I{includes('cuda_fp16.h')[-1]}",
        "-ftz=true",
        f"-arch={architecture}",
        "--device-as-default-execution-space",
    )


def translation_unit(kernel: Kernel) -> str:
    """Return the text that CuPy hands to NVRTC."""
    headers = HEADERS if kernel.headers else ()
    return "\n".join([*(f"#include <{name}>" for name in headers), kernel.source])


@functools.cache
def nvrtc() -> ctypes.CDLL:
    """Load the library."""
    return ctypes.CDLL(str(libraries()[-1]))


def asked(program: ctypes.c_void_p, what: str) -> bytes:
    """Read one of a program's results: ``ProgramLog`` or ``CUBIN``."""
    size = ctypes.c_size_t()
    succeed(getattr(nvrtc(), f"nvrtcGet{what}Size")(program, ctypes.byref(size)))
    room = ctypes.create_string_buffer(max(1, size.value))
    succeed(getattr(nvrtc(), f"nvrtcGet{what}")(program, room))
    return room.raw[: size.value]


def succeed(status: int) -> None:
    """Raise unless a call of the library went well."""
    if status:
        nvrtc().nvrtcGetErrorString.restype = ctypes.c_char_p
        raise NvrtcError(nvrtc().nvrtcGetErrorString(status).decode())


def nvrtc_compile(kernel: Kernel, architecture: str = "sm_90") -> tuple[bytes, str]:
    """Compile a kernel for a device.

    Parameters
    ----------
    kernel : Kernel
        As a script's log tells it, or made by hand.
    architecture : str
        ``sm_80``, ``sm_90``.

    Returns
    -------
    cubin : bytes
        What a driver would load.
    log : str
        What the compiler said: nothing, as warnings raise.

    Raises
    ------
    NvrtcError
        With the log, when the kernel does not compile or is warned about.
    """
    program = ctypes.c_void_p()
    text = translation_unit(kernel).encode()
    made = nvrtc().nvrtcCreateProgram(
        ctypes.byref(program), text, b"kernel.cu", 0, None, None
    )
    succeed(made)
    try:
        for expression in kernel.expressions:
            succeed(nvrtc().nvrtcAddNameExpression(program, expression.encode()))
        flags = [option.encode() for option in options(kernel, architecture)]
        array = (ctypes.c_char_p * len(flags))(*flags)
        status = nvrtc().nvrtcCompileProgram(program, len(flags), array)
        log = asked(program, "ProgramLog").rstrip(b"\0").decode().strip()
        if status or "warning" in log:
            raise NvrtcError(f"{kernel.name} for {architecture}:\n{log}")
        return asked(program, "CUBIN"), log
    finally:
        nvrtc().nvrtcDestroyProgram(ctypes.byref(program))
