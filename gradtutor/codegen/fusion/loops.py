"""Groups of operations as loops of a target's text, and calls of these."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import cached_property

from gradtutor.codegen.fusion.facts import Facts
from gradtutor.codegen.fusion.groups import Group, grouped
from gradtutor.codegen.fusion.rules import LoopRules
from gradtutor.codegen.ir.launches import Launch
from gradtutor.codegen.ir.operands import Array, Operand, Options, known_number
from gradtutor.codegen.ir.ops import Op, array_behind
from gradtutor.codegen.ir.program import Program


@dataclass
class LoopPrinter(ABC):
    """Writes one loop: each operation from the elements of its arguments.

    Attributes
    ----------
    made : dict
        The text of an element of each array that the loop makes.
    outside : dict
        What comes from outside, and the text of its element.
    """

    facts: Facts
    group: Group
    made: dict[Array, str] = field(default_factory=dict)
    outside: dict[Operand, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for op in self.group.ops:
            parts = [self._element(arg, op) for arg in op.inputs]
            self.made[op.written[0]] = self.line(op, parts)

    @cached_property
    def stored(self) -> dict[Array, Op]:
        """The arrays that it writes into memory, and what makes them."""
        return self.facts.stored(self.group.all())

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


@dataclass
class FunctionPrinter(LoopPrinter):
    """Writes one loop as a function.

    Attributes
    ----------
    neutral : bool
        Whether names are numbers, so that equal loops have equal texts.
    """

    neutral: bool = False

    @abstractmethod
    def text(self) -> str:
        """Return the function, its name left open."""

    @abstractmethod
    def arguments(self) -> tuple[list[Operand], tuple[str, ...]]:
        """Return what the function is called with, and texts of what else it needs."""


def with_loops(
    program: Program, rules: LoopRules, printer: type[FunctionPrinter]
) -> Program:
    """Replace operations of each element by calls of loops.

    Parameters
    ----------
    printer : type of FunctionPrinter
        What writes a loop's text.
    """
    facts, launches = Facts.of(program, rules), list(program.launches)
    ops: list[Op] = []
    for group in grouped(facts):
        if group.head or len(group.ops) < rules.least:
            ops += group.all()
            continue
        loop, pattern = (printer(facts, group, neutral=one) for one in (False, True))
        call = _call(loop, len(launches))
        launches.append(Launch("fused", loop.text(), pattern.text(), call))
        ops.append(call)
    return replace(program, ops=ops, launches=launches)


def _call(loop: FunctionPrinter, kernel: int) -> Op:
    """Return the call of a loop: its arguments, then what it writes."""
    given, more = loop.arguments()
    ops = loop.group.ops
    options: Options = {"more": more, "kernel": kernel}
    return Op(
        "loop",
        tuple(given),
        tuple(op.out for op in loop.stored.values()),
        options,
        node=ops[-1].node,
        inside=tuple(op.node for op in ops if _is_inside(loop, op)),
        elementwise=True,
    )


def _is_inside(loop: LoopPrinter, op: Op) -> bool:
    """Whether an operation completes a node that only the loop itself has seen."""
    value, array = loop.program.values.get(op.node), op.written[0]
    if array in loop.stored or value is None or value.array is not array:
        return False
    outside = [one for one in loop.facts.before[op] if one not in loop.group.ops]
    last = loop.facts.last[op.node, array] is op
    return last and not any(array in one.written for one in outside)
