"""A step's operations as loops over elements, and the loops as phases.

All threads of the grid share a loop, and wait for each other between two phases. A
gate of each element joins the loop that makes what it reads, so that its argument is
still in a register; what only a later loop reads is computed there, if no more is
stored for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gradtutor.codegen.gpu.one_kernel.refusing import refuse
from gradtutor.codegen.ir.operands import Array, Value
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes

#: Operations at the head of a loop: those that read more than one element.
HEADS = {"matmul", "sum", "mean", "softmax_cross_entropy"}


@dataclass(eq=False)
class Loop:
    """A loop over the elements of one shape.

    Attributes
    ----------
    head : Op or None
        A product, a sum, or the loss of each row; None where all is of each element.
    ops : list of Op
        Gates of each element, which follow it.
    level : int
        The phase in which it runs.
    """

    shape: Sizes
    head: Op | None = None
    ops: list[Op] = field(default_factory=list)
    level: int = 0

    def all(self) -> list[Op]:
        """Return all operations of the loop."""
        return [*([self.head] if self.head else []), *self.ops]

    def made(self) -> set[Array]:
        """Return the arrays that it makes."""
        return {array for op in self.all() for array in op.written}

    def joins(self) -> bool:
        """Whether a gate of each element may follow its head."""
        return self.head is None or self.head.kind != "softmax_cross_entropy"


class Loops:
    """The loops of a step."""

    def __init__(self, ops: Sequence[Op], wanted: set[Array]) -> None:
        self.wanted, self.loops = wanted, list[Loop]()
        self.home: dict[Array, Loop] = {}
        for op in ops:
            self._place(op)
        for later in self.loops:
            for earlier in self.loops:
                if earlier is not later and earlier.level < later.level:
                    self._sink(earlier, later)
        self.loops = [loop for loop in self.loops if loop.all()]
        self._levels()

    def phases(self) -> list[list[Loop]]:
        """Return the loops between one wait for all threads and the next."""
        last = max((loop.level for loop in self.loops), default=0)
        return [
            [loop for loop in self.loops if loop.level == level]
            for level in range(last + 1)
        ]

    def stored(self) -> list[Array]:
        """Return the arrays that lie in memory, as they are made."""
        needed = set(self.wanted)
        for loop in self.loops:
            needed |= set(_read(loop.all())) - _elementwise_made(loop)
        made = [a for loop in self.loops for op in loop.all() for a in op.written]
        return [array for array in made if array in needed]

    # ---- making loops ----

    def _place(self, op: Op) -> None:
        """Give an operation a loop: one that is there, or its own."""
        found = self._joined(op) if op.elementwise else None
        if found is None:
            head = None if op.elementwise else op
            if head is not None and head.kind not in HEADS:
                raise refuse(head.kind)
            shape = op.outputs[-1].shape if op.kind == "softmax_cross_entropy" else ()
            found = Loop(shape or op.out.shape, head)
            found.level = max((self._level(a) + 1 for a in op.read), default=0)
            self.loops.append(found)
        if op.elementwise:
            found.ops.append(op)
        for array in op.written:
            self.home[array] = found

    def _level(self, array: Array) -> int:
        return self.home[array].level if array in self.home else -1

    def _joined(self, op: Op) -> Loop | None:
        """Return the loop that makes the last of what a gate reads, if it fits."""
        homes = [self.home[a] for a in op.read if a in self.home]
        if not homes:
            return None
        last = max(homes, key=lambda loop: loop.level)
        own = [arg for arg in op.inputs if _array(arg) in last.made()]
        whole = all(isinstance(arg, Value) and arg.shape == last.shape for arg in own)
        seen = {a for arg in own for a in [_array(arg)]}
        rest = [a for a in op.read if a not in seen]
        before = all(self._level(array) < last.level for array in rest)
        same = op.out.shape == last.shape
        return last if same and whole and before and last.joins() else None

    # ---- what only a later loop reads ----

    def _sink(self, earlier: Loop, later: Loop) -> None:
        """Move gates into the only loop that reads them, if no more is stored so."""
        if earlier.shape != later.shape or not later.joins():
            return
        moved = self._read_only_by(earlier, later)
        if not moved:
            return
        stored = set(self.stored())
        kept = earlier.made() - {a for op in moved for a in op.written}
        more = {a for a in _read(moved) if a in kept} - stored
        less = {a for op in moved for a in op.written if a in stored}
        if len(more) <= len(less):
            earlier.ops = [op for op in earlier.ops if op not in moved]
            later.ops = [*moved, *later.ops]
            self.home |= {a: later for op in moved for a in op.written}

    def _read_only_by(self, earlier: Loop, later: Loop) -> list[Op]:
        """Return the gates of one loop that the other reads, and nothing else does."""
        every = [op for loop in self.loops for op in loop.all()]
        goal, found = set(later.ops), list[Op]()
        for op in reversed(earlier.ops):
            readers = [one for one in every if op.written[0] in one.read]
            free = op.written[0] not in self.wanted
            if free and readers and goal.issuperset(readers):
                goal.add(op)
                found.insert(0, op)
        return found

    def _levels(self) -> None:
        """Count the phases anew: each loop runs as soon as what it reads is made."""
        for loop in self.loops:
            own = loop.made()
            others = [self.home[a] for a in _read(loop.all()) if a in self.home]
            levels = [one.level + 1 for one in others if not own & one.made()]
            loop.level = max(levels, default=0)


def _array(arg: object) -> Array | None:
    return arg.array if isinstance(arg, Value) else None


def _read(ops: Iterable[Op]) -> Iterator[Array]:
    for op in ops:
        yield from op.read


def _elementwise_made(loop: Loop) -> set[Array]:
    """Return what a loop makes and reads again at the same place alone."""
    return loop.made() if loop.joins() else set()


def with_row_losses(program: Program) -> list[Op]:
    """Return the operations with cross-entropy as each row's loss, and their mean.

    A class as a row of zeros and a one is of each element, too.
    """
    found = list[Op]()
    for op in program.ops:
        if op.kind != "softmax_cross_entropy":
            each = op.elementwise or op.kind == "one_hot"
            found.append(replace(op, elementwise=each))
            continue
        loss, slope = op.outputs
        losses = Value(slope.shape[:1], Array(slope.shape[:1], name="losses"))
        found.append(Op(op.kind, op.inputs, (losses, slope), node=op.node))
        mean = {"axis": None, "keepdims": False}
        found.append(Op("mean", (losses,), (loss,), mean, node=op.node))
    return found
