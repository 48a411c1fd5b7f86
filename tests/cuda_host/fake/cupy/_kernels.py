"""CuPy's kernels, compiled by the host's compiler and run on the current stream."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from cuda_host import host_kernel, host_library, kernel_log
from cuda_host.arguments import check_arguments

from cupy import _memory, _streams
from cupy._arrays import ndarray
from cupy._errors import CompileException, CUDADriverError, require_device
from cupy._work import Operation
from cupy.cuda.runtime import multiprocessors

STATIC = 48 * 1024  # dynamic shared memory that needs no attribute, bytes
MOST = 232448  # and with it, on an H100


def launch(
    kernel: host_kernel.HostKernel,
    grid: Any,
    block: Any,
    packed: list[np.ndarray],
    arrays: list[np.ndarray],
    shared_mem: int = 0,
    *,
    cooperative: bool = False,
) -> None:
    """Queue a launch; sizes are checked at once."""
    try:
        kernel.check_sizes((*grid, 1, 1)[:3], (*block, 1, 1)[:3])
    except host_kernel.LaunchError as error:
        raise CUDADriverError(1, f"CUDA_ERROR_INVALID_VALUE: {error}") from None
    most = multiprocessors() * (2048 // math.prod(block))
    if cooperative and math.prod(grid) > most:
        raise CUDADriverError(720, f"CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE: {grid}")
    pointers = [value.ctypes.data for value in packed]

    def run(*_: np.ndarray, keep: list[np.ndarray] = packed) -> None:
        try:
            kernel.launch(grid, block, pointers, shared_mem, cooperative=cooperative)
        except host_kernel.LaunchError as error:
            raise CUDADriverError(700, f"CUDA_ERROR_ILLEGAL_ADDRESS: {error}") from None

    _streams.current().add(Operation(kernel.name, run, arrays))


def compiled(
    source: str, expressions: tuple[str, ...] = (), headers: bool = False
) -> dict[str, Any]:
    """Compile a text; CuPy's exception where it does not."""
    try:
        return host_kernel.compile_module(source, expressions, headers)
    except host_library.CompileError as error:
        raise CompileException(str(error)) from None


class RawModule:
    """CUDA C++ with any number of kernels, compiled when one is asked for."""

    def __init__(
        self,
        *,
        code: str,
        options: tuple[str, ...] = (),
        backend: str = "nvrtc",
        name_expressions: Any = None,
        enable_cooperative_groups: bool = False,
    ) -> None:
        if not isinstance(options, tuple):
            raise TypeError("Argument 'options' has incorrect type (expected tuple)")
        self.code, self.options = code, options
        self.expressions = tuple(name_expressions or ())
        self._kernels: dict[str, Any] = {}

    def compile(self, log_stream: Any = None) -> None:
        """Compile now."""
        require_device()
        if not self._kernels:
            self._kernels = compiled(self.code, self.expressions)
            names = ", ".join(self._kernels)
            log = (names, self.code, self.options, self.expressions, False)
            kernel_log.note_kernel(kernel_log.Kernel(*log))

    def get_function(self, name: str) -> RawKernel:
        """Return one kernel."""
        self.compile()
        if name not in self._kernels:
            raise CUDADriverError(500, "CUDA_ERROR_NOT_FOUND: named symbol not found")
        kernel = RawKernel(self.code, name, self.options)
        kernel._module = self
        return kernel


class RawKernel:
    """One kernel of a CUDA C++ text."""

    def __init__(
        self,
        code: str,
        name: str,
        options: tuple = (),
        backend: str = "nvrtc",
        *,
        enable_cooperative_groups: bool = False,
        **_: Any,
    ) -> None:
        self.code, self.name, self.options = code, name, options
        self.cooperative = enable_cooperative_groups
        self.max_dynamic_shared_size_bytes = STATIC
        self.preferred_shared_memory_carveout = -1
        self._module = RawModule(code=code, options=options)

    def compile(self, log_stream: Any = None) -> None:
        """Compile now."""
        self._module.compile()

    def __call__(
        self, grid: Any, block: Any, args: Any, *, shared_mem: int = 0
    ) -> None:
        self.compile()
        kernel = self._module._kernels[self.name]
        if shared_mem > min(self.max_dynamic_shared_size_bytes, MOST):
            raise CUDADriverError(
                1,
                f"CUDA_ERROR_INVALID_VALUE: {shared_mem} bytes of shared memory, "
                f"{self.max_dynamic_shared_size_bytes} are allowed",
            )
        check_arguments(kernel.name, kernel.types, [typed(a) for a in args])
        arrays = [a._host for a in args if isinstance(a, ndarray)]
        packed, more = [address(a) for a in args], {"cooperative": self.cooperative}
        launch(kernel, grid, block, packed, arrays, shared_mem, **more)


def typed(argument: Any) -> Any:
    """Return what is checked of an argument: a pointer in memory is an address."""
    if isinstance(argument, np.ndarray) and argument.ndim:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    return argument.ptr if isinstance(argument, _memory.MemoryPointer) else argument


def address(argument: Any) -> np.ndarray:
    """Return the bytes that a kernel gets for an argument."""
    if isinstance(argument, ndarray):
        return np.array(argument.data.ptr, np.uint64)
    if isinstance(argument, _memory.MemoryPointer):
        return np.array(argument.ptr, np.uint64)
    return np.asarray(argument)
