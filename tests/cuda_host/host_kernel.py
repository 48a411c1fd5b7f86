"""CUDA kernels as Python callables that run on the host.

>>> import numpy as np
>>> saxpy = compile_host('''extern "C" __global__
... void saxpy(const float* x, float* y, float a, int n) {
...     int i = blockIdx.x * blockDim.x + threadIdx.x;
...     if (i < n) y[i] += a * x[i];
... }''')
>>> x, y = np.ones(5, "f4"), np.arange(5, dtype="f4")
>>> saxpy((1,), (32,), (x, y, np.float32(10), np.int32(5)))
>>> y
array([10., 11., 12., 13., 14.], dtype=float32)
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cuda_host import host_library, kernel_text
from cuda_host.arguments import check_arguments
from cuda_host.guarded import guarded, written_outside

ORDERS = {"forward": 0, "reverse": 1, "shuffle": 2}
LIMITS = ((2**31 - 1, 65535, 65535), (1024, 1024, 64))  # grid, block


class LaunchError(Exception):
    """A launch that a device would refuse, or that failed while it ran."""


@dataclass(frozen=True)
class HostKernel:
    """One kernel of a compiled text.

    Parameters
    ----------
    name : str
    types : tuple of (bool, str, int)
        For each parameter: whether it is a pointer; NumPy's kind and size of the value
        or of what it points to, ``""`` for a structure; bytes.
    bound : int
        The most threads a block may have.
    """

    name: str
    types: tuple[tuple[bool, str, int], ...]
    bound: int
    index: int
    library: ctypes.CDLL = field(repr=False)

    def launch(
        self,
        grid: Sequence[int],
        block: Sequence[int],
        pointers: Sequence[int],
        shared_mem: int = 0,
        order: str | None = None,
        *,
        cooperative: bool = False,
    ) -> None:
        """Run the kernel on pointers to its arguments, as ``cuLaunchKernel`` does.

        Parameters
        ----------
        grid, block : sequence of int
            Up to three sizes.
        pointers : sequence of int
            The address of each argument's value.
        shared_mem : int
            Dynamic shared memory, bytes.
        order : str, optional
            In which order threads and blocks run: ``forward``, ``reverse``, or
            ``shuffle`` with an optional seed, ``shuffle:7``. From ``CUDA_HOST_ORDER``
            when not given.
        cooperative : bool
            Whether all blocks run at once, so that they may wait for each other.

        Raises
        ------
        LaunchError
            When sizes are out of a device's limits or the kernel fails: a divergent
            barrier, an index outside a shared or a CuPy array, an illegal access.
        """
        order = order or os.environ.get("CUDA_HOST_ORDER", "forward")
        word, _, seed = order.partition(":")
        sizes = [(*given, 1, 1)[:3] for given in (grid, block)]
        self.check_sizes(*sizes)
        message = ctypes.create_string_buffer(700)
        failed = self.library.cuda_host_launch(
            self.index,
            (ctypes.c_uint * 3)(*sizes[0]),
            (ctypes.c_uint * 3)(*sizes[1]),
            ctypes.c_uint(shared_mem),
            (ctypes.c_void_p * max(1, len(pointers)))(*pointers),
            ORDERS[word],
            ctypes.c_uint64(int(seed or 1) * 0x9E3779B97F4A7C15 & (2**64 - 1)),
            int(cooperative),
            message,
            ctypes.c_size_t(700),
        )
        if failed:
            raise LaunchError(message.value.decode())

    def check_sizes(self, grid: tuple[int, ...], block: tuple[int, ...]) -> None:
        """Refuse sizes that no device takes."""
        for what, sizes, limits in zip(
            ("grid", "block"), (grid, block), LIMITS, strict=True
        ):
            for size, limit in zip(sizes, limits, strict=True):
                if not 1 <= size <= limit:
                    raise LaunchError(
                        f"{self.name}: {what} {sizes}, a device takes 1 to {limits}"
                    )
        if np.prod(block) > self.bound:
            raise LaunchError(
                f"{self.name}: a block of {block} is {np.prod(block)} threads, "
                f"more than {self.bound}"
            )

    def __call__(
        self,
        grid: Sequence[int],
        block: Sequence[int],
        arguments: Sequence[Any],
        shared_mem: int = 0,
        order: str | None = None,
    ) -> None:
        """Run the kernel on NumPy arrays and scalars; arrays are changed in place.

        Each array is copied between two guards of NaNs, so that a wrong index shows: a
        write there raises, a read gives NaN.
        """
        check_arguments(self.name, self.types, arguments)
        guarded = [Guarded(a) if isinstance(a, np.ndarray) else None for a in arguments]
        values = [
            np.asarray(a) if g is None else np.array(g.address, np.uint64)
            for a, g in zip(arguments, guarded, strict=True)
        ]
        pointers = [value.ctypes.data for value in values]
        self.launch(grid, block, pointers, shared_mem, order)
        for argument, guard in zip(arguments, guarded, strict=True):
            if guard is not None:
                guard.give_back(argument, self.name)


class Guarded:
    """A copy of an array in guarded memory."""

    def __init__(self, array: np.ndarray) -> None:
        self.room, self.start = guarded(array.nbytes)
        self.span = slice(self.start, self.start + array.nbytes)
        self.address = self.room.ctypes.data + self.start
        self.room[self.span] = np.frombuffer(array.tobytes(), np.uint8)

    def give_back(self, array: np.ndarray, name: str) -> None:
        """Copy the values into ``array``; raise where a guard was written."""
        at = written_outside(self.room, self.start, array.nbytes)
        if at is not None:
            raise LaunchError(
                f"{name} wrote outside an array of {array.nbytes} bytes, at byte {at}"
            )
        values = np.frombuffer(self.room[self.span].tobytes(), array.dtype)
        array[...] = values.reshape(array.shape)


def compile_module(
    source: str, expressions: tuple[str, ...] = (), headers: bool = False
) -> dict[str, HostKernel]:
    """Compile CUDA C++ text and return its kernels by name.

    Parameters
    ----------
    source, expressions, headers
        See ``kernel_text.host_text``.

    Raises
    ------
    cuda_host.host_library.CompileError
        With the compiler's message; lines are counted in ``source``.
    """
    text, names = kernel_text.host_text(source, expressions, headers)
    library = host_library.compile_kernels(text)
    bounds = kernel_text.launch_bounds(source)
    return {
        name: HostKernel(
            name, read_types(library, index), bounds.get(name, 1024), index, library
        )
        for index, name in enumerate(names)
    }


def read_types(library: ctypes.CDLL, index: int) -> tuple[tuple[bool, str, int], ...]:
    """Ask a library for the types of one kernel's parameters."""
    types = []
    while (found := library.cuda_host_type(index, len(types))).pointer >= 0:
        types.append((bool(found.pointer), found.code.decode(), found.size))
    return tuple(types)


def compile_host(source: str, name: str | None = None) -> HostKernel:
    """Compile CUDA C++ text and return one kernel of it.

    Parameters
    ----------
    source : str
        CUDA C++.
    name : str, optional
        Which kernel; not needed where there is one.
    """
    kernels = compile_module(source)
    if name is None:
        (name,) = kernels
    return kernels[name]
