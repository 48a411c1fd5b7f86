"""Who makes what an operation reads, and who reads what it makes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from gradtutor.codegen.fusion.rules import LoopRules
from gradtutor.codegen.ir.operands import (
    Array,
    Input,
    Operand,
    arrays_read,
    input_under,
    names_read,
)
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes, product

#: What is read: an array, or an input of the step.
Source = Array | Input


def elements(program: Program, shape: Sizes) -> int:
    """Count the numbers of a shape for the usual batch."""
    return product(shape).at(program.batch)


@dataclass(frozen=True)
class Facts:
    """What a program's operations read and are read by.

    An array may hold several values, one after the other: an operation is read by those
    that come before the next one writes there.

    Attributes
    ----------
    reads : dict
        Of each operation: bytes that each array or input takes to be read.
    readers : dict
        Of each operation: those that read what it writes, in order.
    before, after : dict
        Of each operation: those that must come before it, and behind it.
    last : dict
        What writes each node's value into an array last.
    written, kept : set of Array
        Arrays that the step writes, and those that are read after it.
    """

    program: Program
    rules: LoopRules
    reads: dict[Op, dict[Source, int]] = field(default_factory=dict)
    readers: dict[Op, list[Op]] = field(default_factory=dict)
    before: dict[Op, list[Op]] = field(default_factory=dict)
    after: dict[Op, list[Op]] = field(default_factory=dict)
    last: dict[tuple[str, Array], Op] = field(default_factory=dict)
    written: set[Array] = field(default_factory=set)
    kept: set[Array] = field(default_factory=set)

    @classmethod
    def of(cls, program: Program, rules: LoopRules) -> Facts:
        """Look at all operations of a program once."""
        facts = cls(program, rules, kept=program.kept_arrays())
        held: dict[Array | str, Op] = {}  # what has written an array, or a number
        for op in program.ops:
            facts.readers[op], facts.after[op] = [], []
            facts.reads[op] = facts._bytes(op)
            makers = [held[one] for one in _all_read(op) if one in held]
            for maker in makers:
                facts.readers[maker].append(op)
            over = [held[array] for array in op.written if array in held]
            readers = [one for maker in over for one in facts.readers[maker]]
            order = dict.fromkeys((*makers, *over, *readers))
            facts.before[op] = [one for one in order if one is not op]
            for one in facts.before[op]:
                facts.after[one].append(op)
            facts.last.update({(op.node, array): op for array in op.written})
            facts.written.update(op.written)
            held |= dict.fromkeys(op.written, op) | {op.number: op}
        return facts

    def _bytes(self, op: Op) -> dict[Source, int]:
        found = dict[Source, int]()
        for arg in op.inputs:
            arrays = arrays_read(arg)
            width = self.rules.width(arrays[0] if arrays else None)
            for source in arrays or _inputs(arg):
                found[source] = width * elements(self.program, arg.shape)
        return found

    def stored(self, ops: Collection[Op]) -> dict[Array, Op]:
        """Return what a loop makes and something else needs, and what makes it."""
        inside, last = set(ops), {array: op for op in ops for array in op.written}
        return {a: op for a, op in last.items() if self._is_needed(a, op, inside)}

    def _is_needed(self, array: Array, op: Op, inside: set[Op]) -> bool:
        if array in self.kept or array.external:
            return True
        return any(reader not in inside for reader in self.readers[op])

    def traffic(self, ops: Collection[Op]) -> int:
        """Count the bytes that a loop reads and writes."""
        made = {array for op in ops for array in op.written}
        read = dict[Source, int]()
        for op in ops:
            for source, size in self.reads[op].items():
                if source not in made:
                    read[source] = max(size, read.get(source, 0))
        return sum(read.values()) + sum(map(self._size, self.stored(ops)))

    def _size(self, array: Array) -> int:
        return self.rules.width(array) * elements(self.program, array.shape)

    def arrays_taken(self, ops: Collection[Op]) -> int:
        """Count the arrays that a loop reads and writes."""
        made = {array for op in ops for array in op.written}
        read = {source for op in ops for source in self.reads[op]} - made
        return len(read) + len(self.stored(ops))


def _all_read(op: Op) -> Iterator[Array | str]:
    """Yield the arrays, and the names of numbers, that an operation reads."""
    yield from op.read
    for arg in op.inputs:
        yield from names_read(arg)


def _inputs(arg: Operand) -> list[Input]:
    """Return the input that an argument looks at; a mask is drawn, not read."""
    found = input_under(arg)
    return [found] if found is not None and found.role != "mask" else []
