"""A step's operations as loops over elements, and the loops as phases.

All threads of the grid share a loop, and wait for each other between two phases.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gradtutor.codegen.fusion.facts import Facts
from gradtutor.codegen.fusion.groups import Group, grouped
from gradtutor.codegen.fusion.rules import LoopRules
from gradtutor.codegen.gpu.one_kernel.refusing import refuse
from gradtutor.codegen.ir.operands import Array, Value
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program

#: What adds up terms: gates of each element may follow in its loop.
SUMS = frozenset({"matmul", "sum", "mean"})
#: Loops of a phase need nothing of each other, and all arrays have the type T.
PHASES = LoopRules(
    heads=SUMS, unrelated=False, parallel=True, forward_apart=False, bytes={}
)


@dataclass(frozen=True)
class Loops:
    """The loops of a step, in order."""

    facts: Facts
    loops: list[Group]

    @classmethod
    def of(cls, program: Program) -> Loops:
        """Return a step's loops.

        Parameters
        ----------
        program : Program
            Each of its operations writes an array of its own.

        Raises
        ------
        OneKernelError
            Where an operation is none that one kernel has.
        """
        program = program.with_ops(_with_row_losses(program))
        for op in program.ops:
            if not op.elementwise and op.kind not in SUMS | {"softmax_cross_entropy"}:
                raise refuse(op.kind)
        facts = Facts.of(program, PHASES)
        return cls(facts, grouped(facts))

    def phases(self) -> Iterator[list[Group]]:
        """Yield the loops between one wait for all threads and the next."""
        for _, phase in itertools.groupby(self.loops, lambda loop: loop.level):
            yield list(phase)

    def stored(self) -> list[Array]:
        """Return the arrays that lie in memory, as they are made."""
        return [a for loop in self.loops for a in self.facts.stored(loop.all())]


def _with_row_losses(program: Program) -> list[Op]:
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
