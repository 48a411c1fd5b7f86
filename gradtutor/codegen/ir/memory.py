"""Which arrays may share memory: those that are never needed at the same time.

A linear scan over the operations, as a register allocator's (Poletto & Sarkar 1999): an
array lives from the operation that writes it first to the last that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gradtutor.codegen.ir.operands import Array, Dtype, Value, arrays_read, is_tensor
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size, product

#: Numbers between the rows of a spaced matrix: rows whose distance is a power of two
#: fall on the same lines of the cache.
GAP = 16
#: Bytes of an element; 4 of all others.
BYTES = {"bool": 1, "uint8": 1, "half": 2}


@dataclass
class Block:
    """A piece of memory and the arrays that take turns in it."""

    dtype: Dtype
    size: Size
    arrays: list[Array] = field(default_factory=list)

    @property
    def gaps(self) -> int:
        """How many numbers the gaps of spaced matrices take."""
        rows = [array.shape[0].count for array in self.arrays if array.spaced]
        return GAP * max(rows, default=0)

    @property
    def text(self) -> str:
        """Return the size as the script writes it."""
        return self.size.text + (f" + {self.gaps}" if self.gaps else "")

    def bytes(self, batch: int) -> int:
        """Return the size in bytes for a batch."""
        return BYTES.get(self.dtype, 4) * (self.gaps + self.size.at(batch))


def plan_memory(program: Program) -> list[Block]:
    """Give every array that is written anew each step a block."""
    first, last = lifetimes(program)
    blocks: list[Block] = []
    free: list[Block] = []
    living: list[tuple[int, Array, Block]] = []
    for position, op in enumerate(program.ops):
        living, dying = _split(living, position)
        free += [block for end, _, block in dying if end < position]
        ending = [(array, block) for end, array, block in dying if end == position]
        for array in op.written:
            known = any(array is one for _, one, _ in living)
            if first.get(array) != position or known:
                continue
            block = _in_place(program, op, array, ending) or _fitting(free, array)
            if block is None:
                block = Block(array.dtype, product(array.shape))
                blocks.append(block)
            block.arrays.append(array)
            ending = [pair for pair in ending if pair[1] is not block]
            free = [one for one in free if one is not block]
            living.append((last[array], array, block))
        free += [block for _, block in ending]
    return blocks


def lifetimes(program: Program) -> tuple[dict[Array, int], dict[Array, int]]:
    """Return where each array is written first, and where it is needed last."""
    first: dict[Array, int] = {}
    last: dict[Array, int] = {}
    for position, op in enumerate(program.ops):
        for array in op.written:
            if not array.external and array.filling is None:
                first.setdefault(array, position)
        last |= dict.fromkeys((*op.read, *op.written), position)
    return first, last


Living = list[tuple[int, Array, Block]]


def _split(living: Living, position: int) -> tuple[Living, Living]:
    """Part the arrays into those needed after this operation, and those not."""
    after = [one for one in living if one[0] > position]
    return after, [one for one in living if one[0] <= position]


def _in_place(
    program: Program, op: Op, result: Array, ending: list[tuple[Array, Block]]
) -> Block | None:
    """Return the block of an argument that this operation may overwrite in place."""
    if not op.elementwise:
        return None
    if program.by_reference and len(op.outputs) > 1:
        return None  # one argument may be read after another is written
    plain, moved = read_in_place(op)
    for array, block in ending:
        same = array.dtype == result.dtype
        whole = product(array.shape) == product(result.shape)
        if array in plain - moved and same and whole:
            return block
    return None


def read_in_place(op: Op) -> tuple[set[Array], set[Array]]:
    """Return the arrays read at each element's own place, and those read elsewhere."""
    plain: set[Array] = set()
    moved: set[Array] = set()
    for arg in op.inputs:
        if not isinstance(
            arg, Value
        ):  # a view is read out of step with what is written
            moved.update(arrays_read(arg))
        elif is_tensor(arg) and arg.shape == op.out.shape:
            plain.add(arg.array)
    return plain, moved


def _fitting(free: list[Block], array: Array) -> Block | None:
    """Return the smallest free block that holds an array, or the largest, grown."""
    size = product(array.shape)
    kind = [
        block
        for block in free
        if block.dtype == array.dtype and block.size.names == size.names
    ]
    enough = [block for block in kind if block.size.count >= size.count]
    if enough:
        return min(enough, key=lambda block: block.size.count)
    if kind:
        largest = max(kind, key=lambda block: block.size.count)
        largest.size = size
        return largest
    return None
