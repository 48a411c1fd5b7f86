"""Which arrays may share memory: those that are never needed at the same time.

A linear scan over the calls, as a register allocator's (Poletto & Sarkar 1999): an
array lives from the call that writes it first to the last that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gradtutor.codegen.ir.calls import Array, Call
from gradtutor.codegen.ir.program import Program
from gradtutor.gates import Shape
from gradtutor.gates.shapes import size_product

#: Numbers between the rows of a spaced matrix: rows whose distance is a power of two
#: fall on the same lines of the cache.
GAP = 16


@dataclass
class Block:
    """A piece of memory and the arrays that take turns in it."""

    dtype: str
    size: int  # numbers, or numbers for each example
    per_example: bool
    arrays: list[Array] = field(default_factory=list)

    @property
    def gaps(self) -> int:
        """How many numbers the gaps of spaced matrices take."""
        rows = [int(array.shape[0]) for array in self.arrays if array.spaced]
        return GAP * max(rows, default=0)

    @property
    def text(self) -> str:
        """Return the size as the script writes it."""
        gaps = f" + {self.gaps}" if self.gaps else ""
        if not self.per_example:
            return f"{self.size}{gaps}"
        return ("N" if self.size == 1 else f"{self.size} * N") + gaps

    def bytes(self, batch: int) -> int:
        """Return the size in bytes for a batch."""
        width = {"bool": 1, "uint8": 1, "half": 2}.get(self.dtype, 4)
        return width * (self.gaps + self.size * (batch if self.per_example else 1))


def extent(shape: Shape) -> tuple[int, bool]:
    """Return (numbers, whether for each example)."""
    parts = str(size_product(shape)).split("*")
    number = 1
    for part in parts:
        number *= int(part) if part.isdigit() else 1
    return number, any(not part.isdigit() for part in parts)


def plan_memory(program: Program) -> list[Block]:
    """Give every array that is written anew each step a block."""
    first, last = _lifetimes(program)
    blocks: list[Block] = []
    free: list[Block] = []
    living: list[tuple[int, Array, Block]] = []
    for position, call in enumerate(program.calls):
        living, dying = _split(living, position)
        free += [block for end, _, block in dying if end < position]
        ending = [(array, block) for end, array, block in dying if end == position]
        for array in [value.array for value in call.outs]:
            if first.get(id(array)) != position or array in (
                one for _, one, _ in living
            ):
                continue
            block = _in_place(program, call, array, ending) or _fitting(free, array)
            if block is None:
                block = Block(array.dtype, *extent(array.shape))
                blocks.append(block)
            block.arrays.append(array)
            ending = [pair for pair in ending if pair[1] is not block]
            free = [one for one in free if one is not block]
            living.append((last[id(array)], array, block))
        free += [block for _, block in ending]
    return blocks


def _lifetimes(program: Program) -> tuple[dict[int, int], dict[int, int]]:
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for position, call in enumerate(program.calls):
        touched = [array for arg in call.args for array in program.arrays_read(arg)]
        for value in call.outs:
            touched.append(value.array)
            if not (value.array.external or value.array.filling):
                first.setdefault(id(value.array), position)
        for array in touched:
            last[id(array)] = position
    return first, last


Living = list[tuple[int, Array, Block]]


def _split(living: Living, position: int) -> tuple[Living, Living]:
    """Part the arrays into those needed after this call, and those not."""
    after = [one for one in living if one[0] > position]
    return after, [one for one in living if one[0] <= position]


def _in_place(
    program: Program, call: Call, result: Array, ending: list[tuple[Array, Block]]
) -> Block | None:
    """Return the block of an argument that this call may overwrite in place."""
    if not call.ufunc or call.out is None:
        return None
    if program.backend == "cupy" and call.others:
        return None  # its arguments are references: one may be read after a write
    plain = [
        program.value_of(arg)
        for arg in call.args
        if program.is_tensor(arg) and program.shape_of(arg) == call.out.shape
    ]
    read = [value.array for value in plain if value is not None]
    views = [  # a turned or cut view is read out of step with what is written
        array
        for arg in call.args
        if program.value_of(arg) is None
        for array in program.arrays_read(arg)
    ]
    read = [one for one in read if not any(one is view for view in views)]
    for array, block in ending:
        same = array.dtype == result.dtype
        whole = size_product(array.shape) == size_product(result.shape)
        if any(array is one for one in read) and same and whole:
            return block
    return None


def _fitting(free: list[Block], array: Array) -> Block | None:
    """Return the smallest free block that holds an array, or the largest, grown."""
    size, per_example = extent(array.shape)
    kind = [
        block
        for block in free
        if block.dtype == array.dtype and block.per_example == per_example
    ]
    enough = [block for block in kind if block.size >= size]
    if enough:
        return min(enough, key=lambda block: block.size)
    if kind:
        largest = max(kind, key=lambda block: block.size)
        largest.size = size
        return largest
    return None
