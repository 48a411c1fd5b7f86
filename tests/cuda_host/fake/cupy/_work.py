"""Work on device arrays, to be done now, later, or again and again from a graph."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence

import numpy as np

from cupy import _memory
from cupy._errors import CUDARuntimeError


class Operation:
    """Work on arrays, ``run(*arrays)``; it keeps their memory alive.

    CuPy's pool does the same: memory that was freed goes to the next array of the same
    stream only, after the work.
    """

    def __init__(
        self, name: str, run: Callable[..., object], arrays: Sequence[np.ndarray] = ()
    ) -> None:
        self.name, self.run, self.arrays = name, run, arrays
        self.blocks = [_memory.find(array.ctypes.data) for array in arrays]

    def __call__(self) -> None:
        """Do it, and see that nothing was written outside the arrays' memory."""
        self.run(*self.arrays)
        for block in self.blocks:
            block.check(self.name)


class Recorded:
    """An operation in a graph: it knows where its arrays were, but keeps none alive."""

    def __init__(self, operation: Operation) -> None:
        self.name, self.run = operation.name, operation.run
        self.places = [
            (weakref.ref(block), place(array, block))
            for array, block in zip(operation.arrays, operation.blocks, strict=True)
        ]

    def __call__(self) -> None:
        """Run on what lies at the recorded addresses."""
        arrays = []
        for owner, (shape, dtype, offset, strides) in self.places:
            block = owner()
            if block is None:
                raise CUDARuntimeError(
                    700, f"a graph launches {self.name} on memory that was freed"
                )
            arrays.append(np.ndarray(shape, dtype, block.room, offset, strides))
        Operation(self.name, self.run, arrays)()


def place(array: np.ndarray, block: _memory.Allocation) -> tuple:
    """Say where an array lies in its memory."""
    offset = array.ctypes.data - block.room.ctypes.data
    return array.shape, array.dtype, offset, array.strides
