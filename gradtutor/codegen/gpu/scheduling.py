"""Which pointwise operations one kernel makes, so that few bytes move between kernels.

A run takes all later operations of its shape that may come so early. Then it gives back
what it would only store for a later kernel, where computing it there moves fewer bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gradtutor.codegen.ir.memory import BYTES
from gradtutor.codegen.ir.operands import (
    Array,
    Input,
    Operand,
    Value,
    arrays_read,
    input_under,
)
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes, product

#: Arrays that one kernel may take: a launch has 4 KB for its arguments.
MOST_ARRAYS = 32
#: What is read: an array, or an input of the step.
Source = Array | Input


def scheduled(facts: Facts) -> Iterator[list[Op]]:
    """Yield operations in an order that keeps their meaning, a kernel's together."""
    waiting, moved = list(facts.program.ops), set[Op]()
    while waiting:
        first = waiting[0]
        run = _slimmed(facts, _longest(facts, waiting), waiting)
        if not run and first not in moved:  # its first reader's kernel makes it
            moved.add(first)
            place = facts.first_reader(first, waiting)
            waiting = [*waiting[1:place], first, *waiting[place:]]
            continue
        run = run or [first]
        taken = set(run)
        waiting = [op for op in waiting if op not in taken]
        yield run


@dataclass(frozen=True)
class Facts:
    """What a program's operations read and are read by.

    Attributes
    ----------
    loss : str
        The node where the forward half ends: no kernel reaches over it.
    reads : dict
        Of each operation: bytes that each array or input takes to be read.
    readers : dict
        Of each array: the operations that read it, in order.
    kept : set of Array
        Arrays that are read after the step.
    """

    program: Program
    loss: str
    reads: dict[Op, dict[Source, int]] = field(default_factory=dict)
    readers: dict[Source, list[Op]] = field(default_factory=dict)
    kept: set[Array] = field(default_factory=set)

    @classmethod
    def of(cls, program: Program, loss: str) -> Facts:
        """Look at all operations of a program once."""
        facts = cls(program, loss, kept=program.kept_arrays())
        for op in program.ops:
            mine = facts.reads[op] = dict[Source, int]()
            for arg in op.inputs:
                arrays = arrays_read(arg)
                width = BYTES.get(arrays[0].dtype, 4) if arrays else 4
                for source in arrays or _inputs(arg):
                    mine[source] = width * elements(program, arg.shape)
            for source in mine:
                facts.readers.setdefault(source, []).append(op)
        return facts

    def readers_of(self, op: Op) -> list[Op]:
        """Return the operations that read what one makes."""
        return self.readers.get(op.written[0], [])

    def first_reader(self, op: Op, waiting: Sequence[Op]) -> int:
        """Return the place of the operation that reads it before all others."""
        readers = set(self.readers_of(op))
        return next(i for i, one in enumerate(waiting) if one in readers)

    def stored(self, run: Sequence[Op]) -> set[Array]:
        """Return the arrays that a run makes and something outside it needs."""
        inside = set(run)
        return {
            op.written[0]
            for op in run
            if op.written[0] in self.kept
            or op.written[0].external
            or any(reader not in inside for reader in self.readers_of(op))
        }


def _inputs(arg: Operand) -> list[Input]:
    """Return the input that an argument looks at; a mask is drawn, not read."""
    found = input_under(arg)
    return [found] if found is not None and found.role != "mask" else []


def elements(program: Program, shape: Sizes) -> int:
    """Count the numbers of a shape for the usual batch."""
    return product(shape).at(program.batch)


# ---- as many operations as possible ----


def _longest(facts: Facts, waiting: Sequence[Op]) -> list[Op]:
    """Return the first operation and all later ones that its kernel makes as well."""
    run = [waiting[0]]
    if not run[0].elementwise or run[0].node == facts.loss:
        return run
    shape, made, late = run[0].out.shape, set(run[0].written), set[Source]()
    for op in waiting[1:]:
        if (
            op.elementwise
            and op.out.shape == shape
            and late.isdisjoint(facts.reads[op])
            and _in_place(op, made)
            and _arrays_taken(facts, [*run, op]) <= MOST_ARRAYS
        ):
            run.append(op)
            made.update(op.written)
        else:
            late.update(op.written)
        if op.node == facts.loss:
            break
    return run


def _in_place(op: Op, made: set[Array]) -> bool:
    """Whether an operation reads what a kernel makes only at its own place."""
    for arg in op.inputs:
        moved = not isinstance(arg, Value) or arg.shape != op.out.shape
        if moved and not made.isdisjoint(arrays_read(arg)):
            return False
    return True


def _arrays_taken(facts: Facts, run: Sequence[Op]) -> int:
    """Count the arrays that a run's kernel reads and writes."""
    made = {op.written[0] for op in run}
    read = {source for op in run for source in facts.reads[op]} - made
    return len(read) + len(facts.stored(run))


# ---- what it would only store for others ----


def _slimmed(facts: Facts, run: Sequence[Op], waiting: Sequence[Op]) -> list[Op]:
    """Give back, last ones first, what a later kernel makes with less."""
    kept = list(run)
    for op in reversed(run):
        if op.elementwise and _cheaper_later(facts, kept, op, waiting):
            kept = [one for one in kept if one is not op]
    return kept


def _cheaper_later(
    facts: Facts, run: Sequence[Op], op: Op, waiting: Sequence[Op]
) -> bool:
    """Whether the kernel of an operation's first reader computes it with fewer bytes.

    Here it is written, and read there. There its arguments are read, and those that
    this run would keep in registers are written besides.
    """
    if not _kernel_comes(facts, run, op, waiting):
        return False
    own = op.written[0]
    size = BYTES.get(own.dtype, 4) * elements(facts.program, op.out.shape)
    rest = [one for one in run if one is not op]
    made, stored = {one.written[0] for one in rest}, facts.stored(run)
    written = own.external or own in facts.kept
    written |= not all(reader.elementwise for reader in facts.readers_of(op))
    saved = size if written else 2 * size
    for source, bytes_read in facts.reads[op].items():
        if source in made:
            saved -= bytes_read if source in stored else 2 * bytes_read
        elif any(source in facts.reads[one] for one in rest):
            saved -= bytes_read
    return saved > 0


def _kernel_comes(
    facts: Facts, run: Sequence[Op], op: Op, waiting: Sequence[Op]
) -> bool:
    """Whether a later kernel of this shape is the first to read what one makes."""
    readers, inside = facts.readers_of(op), set(run)
    if not readers or any(reader in inside for reader in readers):
        return False
    first = waiting[facts.first_reader(op, waiting)]
    return first.elementwise and first.out.shape == op.out.shape
