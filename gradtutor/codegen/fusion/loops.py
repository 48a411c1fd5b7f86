"""Groups of operations as loops of a target's text, and calls of these."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace

from gradtutor.codegen.fusion.facts import Facts
from gradtutor.codegen.fusion.groups import grouped
from gradtutor.codegen.fusion.rules import LoopRules
from gradtutor.codegen.ir.launches import Launch
from gradtutor.codegen.ir.operands import Array, Operand, Options, known_number
from gradtutor.codegen.ir.ops import Op, array_behind
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes


@dataclass
class LoopPrinter(ABC):
    """Writes one loop: each operation from the elements of its arguments.

    Attributes
    ----------
    stored : list of Op
        The operations whose result is written into memory.
    neutral : bool
        Whether names are numbers, so that equal loops have equal texts.
    made : dict
        The text of an element of each array that the loop makes.
    outside : dict
        What comes from outside, and the text of its element.
    """

    facts: Facts
    shape: Sizes
    ops: list[Op]
    stored: list[Op]
    neutral: bool = False
    made: dict[Array, str] = field(default_factory=dict)
    outside: dict[Operand, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for op in self.ops:
            parts = [self._element(arg, op) for arg in op.inputs]
            self.made[op.written[0]] = self.line(op, parts)

    @property
    def program(self) -> Program:
        """The program that the loop is of."""
        return self.facts.program

    def _element(self, arg: Operand, op: Op) -> str:
        """Return the text of an argument's element: made here, a number, or read."""
        array = array_behind(arg)
        if array in self.made:
            return self.made[array]
        value = known_number(arg)
        if value is not None:
            return self.number(value, arg)
        if arg not in self.outside:
            self.outside[arg] = self.read(arg, op)
        return self.outside[arg]

    # ---- what a target says ----

    @abstractmethod
    def line(self, op: Op, parts: list[str]) -> str:
        """Append what an operation does; return the text of its element."""

    @abstractmethod
    def number(self, value: float, arg: Operand) -> str:
        """Return the text of a number that is known now."""

    @abstractmethod
    def read(self, arg: Operand, op: Op) -> str:
        """Return the text of an element, or of a number, that comes from outside."""

    @abstractmethod
    def text(self) -> str:
        """Return the loop as a function, its name left open."""

    @abstractmethod
    def arguments(self) -> tuple[list[Operand], tuple[str, ...]]:
        """Return what the function is called with, and texts of what else it needs."""


def with_loops(
    program: Program, rules: LoopRules, printer: type[LoopPrinter]
) -> Program:
    """Replace operations of each element by calls of loops.

    Parameters
    ----------
    printer : type of LoopPrinter
        What writes a loop's text.
    """
    facts, launches = Facts.of(program, rules), list(program.launches)
    ops: list[Op] = []
    for group in grouped(facts):
        if group.head or len(group.ops) < rules.least:
            ops += group.all()
            continue
        stored = facts.stored(group.ops)
        loops = [
            printer(facts, group.shape, group.ops, stored, one) for one in (False, True)
        ]
        call = _call(loops[0], len(launches))
        text, pattern = (loop.text() for loop in loops)
        launches.append(Launch("fused", text, pattern, call))
        ops.append(call)
    return replace(program, ops=ops, launches=launches)


def _call(loop: LoopPrinter, kernel: int) -> Op:
    """Return the call of a loop: its arguments, then what it writes."""
    given, more = loop.arguments()
    inside = tuple(op.node for op in loop.ops if _is_inside(loop, op))
    outs = tuple(op.out for op in loop.stored)
    options: Options = {"more": more, "kernel": kernel}
    return Op(
        "loop",
        tuple(given),
        outs,
        options,
        node=loop.ops[-1].node,
        inside=inside,
        elementwise=True,
    )


def _is_inside(loop: LoopPrinter, op: Op) -> bool:
    """Whether an operation completes a node that only the loop itself has seen."""
    value, array = loop.program.values.get(op.node), op.written[0]
    if op in loop.stored or value is None or value.array is not array:
        return False
    outside = [one for one in loop.facts.before[op] if one not in loop.ops]
    last = loop.facts.last[op.node, array] is op
    return last and not any(array in one.written for one in outside)
