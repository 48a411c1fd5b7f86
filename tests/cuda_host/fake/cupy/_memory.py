"""Device memory that lies on the host, with guards around every allocation.

New memory is full of 0xff: NaN as a float, -1 as an integer. What a script reads before
it wrote is seen in its results.
"""

from __future__ import annotations

import bisect
import contextlib
import weakref
from collections.abc import Callable, Iterator

import numpy as np
from cuda_host.guarded import GUARD, guarded, written_outside

from cupy._errors import CUDARuntimeError, require_device


class Allocation:
    """A block of memory; ``ptr`` is where it starts, ``size`` its bytes."""

    def __init__(self, size: int) -> None:
        require_device()
        self.size = size
        self.device_id = 0
        self.room, self.start = guarded(size)
        self.ptr = self.room.ctypes.data + self.start
        bisect.insort(starts, self.ptr)
        live[self.ptr] = self
        weakref.finalize(self, starts.remove, self.ptr)

    def check(self, name: str) -> None:
        """Raise where something was written outside the block."""
        at = written_outside(self.room, self.start, self.size)
        if at is not None:
            raise CUDARuntimeError(
                700,
                f"{name} wrote outside an allocation of {self.size} bytes, "
                f"at byte {at}",
            )


starts: list[int] = []
live: weakref.WeakValueDictionary[int, Allocation] = weakref.WeakValueDictionary()


def find(pointer: int, size: int = 0) -> Allocation:
    """Return the allocation that holds a range of addresses.

    Raises
    ------
    CUDARuntimeError
        When there is none, or the range runs out of it.
    """
    place = bisect.bisect_right(starts, pointer) - 1
    found = live.get(starts[place]) if place >= 0 else None
    if found is None or pointer > found.ptr + max(found.size, 1) + GUARD:
        raise CUDARuntimeError(700, f"{pointer:#x} is no device memory")
    if pointer + size > found.ptr + found.size:
        over = pointer + size - found.ptr - found.size
        raise CUDARuntimeError(
            700, f"a range of {size} bytes runs {over} bytes out of its allocation"
        )
    return found


def bytes_at(pointer: int, size: int) -> np.ndarray:
    """Return device memory as an array of bytes."""
    block = find(pointer, size)
    start = pointer - block.room.ctypes.data
    return block.room[start : start + size]


class MemoryPointer:
    """An address in an allocation, which it keeps alive."""

    def __init__(self, mem: Allocation, offset: int) -> None:
        self.mem = mem
        self.ptr = mem.ptr + offset
        self.device_id = 0

    def __int__(self) -> int:
        return self.ptr

    def __add__(self, offset: int) -> MemoryPointer:
        return MemoryPointer(self.mem, self.ptr - self.mem.ptr + offset)

    __radd__ = __add__

    def __sub__(self, offset: int) -> MemoryPointer:
        return self + -offset


def alloc(size: int) -> MemoryPointer:
    """Allocate bytes as the innermost `using_allocator` says."""
    return allocators[-1](size)


def device_memory(size: int) -> MemoryPointer:
    """Allocate bytes on the device; refused while the current stream is capturing."""
    from cupy._streams import current

    if current().capture is not None:
        raise CUDARuntimeError(
            900,
            "memory is allocated while the stream is capturing: a replay would use "
            "memory that the pool has given away by then",
        )
    return MemoryPointer(Allocation(int(size)), 0)


allocators: list[Callable[[int], MemoryPointer]] = [device_memory]


@contextlib.contextmanager
def using_allocator(
    allocator: Callable[[int], MemoryPointer] | None = None,
) -> Iterator[None]:
    """Take memory from another function for a while."""
    allocators.append(allocator or device_memory)
    try:
        yield
    finally:
        allocators.pop()


class MemoryPool:
    """The queries of CuPy's pool; nothing is kept back."""

    def used_bytes(self) -> int:
        """Bytes that arrays hold, rounded up as the pool does."""
        return sum(-(-block.size // GUARD) * GUARD for block in live.values())

    def total_bytes(self) -> int:
        """Bytes held from the driver."""
        return self.used_bytes()

    def free_bytes(self) -> int:
        """Bytes held but not used."""
        return 0

    def n_free_blocks(self) -> int:
        """Blocks held but not used."""
        return 0

    def free_all_blocks(self, stream: object = None) -> None:
        """Do nothing."""

    malloc = staticmethod(device_memory)
