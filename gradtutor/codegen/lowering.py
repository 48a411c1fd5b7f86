"""A graph as operations: one a gate, in the graph's order; what targets share.

A target says which numbers are the host's, how a pointwise gate is done, and in what
form a structural one takes its arguments (`cpu/lowering.py`, `gpu/lowering.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial

from gradtutor.codegen.ir.operands import (
    VIEWS,
    Count,
    Formula,
    Number,
    Operand,
    Options,
    frozen,
)
from gradtutor.codegen.ir.printer import Printer
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size, product
from gradtutor.codegen.recurrence import RECURRENT, append_recurrence
from gradtutor.codegen.rewrite.rules import Rule, apply_passes
from gradtutor.gates import GATES, LEAVES, Pointwise
from gradtutor.graph import Graph, operands

#: What an operation is made of: its kind, its arguments, its settings.
Parts = tuple[str, list[Operand], Options]


class Lowering(ABC):
    """From a graph to operations.

    Attributes
    ----------
    printer : Printer
        What writes the operations.
    passes : tuple of callable
        The rewrites of a graph that a loop's body is made of.
    by_reference : bool
        As in `Program`.
    """

    printer: Printer
    passes: tuple[Rule, ...]
    by_reference = False

    def program(
        self, graph: Graph, targets: Mapping[str, str], batch: int = 64
    ) -> Program:
        """Return the operations that compute the targets.

        Parameters
        ----------
        targets : mapping
            Wanted nodes, and the array outside that each is written into, or "".
        batch : int
            The usual number of examples, by which products are cut into slices.
        """
        program = self._new(graph, targets, batch, set())
        self.prepare(program)
        self._append_all(program)
        _write_numbers(program)
        return program

    def _body(
        self, program: Program, graph: Graph, targets: Mapping[str, str]
    ) -> Program:
        """Lower what a loop does at each step."""
        lowest, found = apply_passes(graph, list(targets), self.passes)
        names = dict(zip(found, targets.values(), strict=True))
        body = self._new(lowest, names, program.batch, program.taken)
        self._append_all(body)
        return body

    def _new(
        self, graph: Graph, targets: Mapping[str, str], batch: int, taken: set[str]
    ) -> Program:
        reference = self.by_reference
        return Program(
            graph, targets, batch, self.printer, by_reference=reference, taken=taken
        )

    def _append_all(self, program: Program) -> None:
        for node in program.order:
            if node not in program.done and program.gate(node) not in LEAVES:
                self.append(program, node)

    def append(self, program: Program, node: str) -> None:
        """Append what makes a node, or say what stands for it."""
        gate, args = program.gate(node), operands(program.graph, node)
        if gate in RECURRENT:
            append_recurrence(program, node, partial(self._body, program))
        elif gate in ("size", *VIEWS):
            self.append_view(program, node, args)
        elif self.is_number(program, node):
            self.append_number(program, node, args)
        elif isinstance(GATES[gate], Pointwise):
            self.append_pointwise(program, node, args)
        else:
            self.append_structural(program, node, args)

    # ---- what a target says ----

    def prepare(self, program: Program) -> None:
        """Look at a program before its first operation is made."""
        del program

    @abstractmethod
    def is_number(self, program: Program, node: str) -> bool:
        """Whether a node is a single number that the host computes."""

    @abstractmethod
    def append_pointwise(self, program: Program, node: str, args: list[str]) -> None:
        """Append a pointwise gate."""

    @abstractmethod
    def structural(self, program: Program, node: str, parts: Parts) -> Parts:
        """Return a structural gate with its arguments as this target takes them."""

    def image(self, program: Program, node: str, image: Operand) -> Operand:
        """Return an image as this target cuts windows of it."""
        del program, node
        return image

    # ---- what is the same for all ----

    def append_view(self, program: Program, node: str, args: list[str]) -> None:
        """Append what moves no numbers: nothing, but for windows and wanted views."""
        gate = program.gate(node)
        if gate == "size":
            size = _counted(program, args[0], program.attrs(node))
            program.numbers[node] = Count(size)
        elif gate == "reshape" and program.gate(args[0]) == "windows":
            (name,) = operands(program.graph, args[0])
            image = self.image(program, node, program.operand(name))
            program.add(node, "copy_windows", [image], program.attrs(args[0]))
        elif gate == "broadcast" and isinstance(program.operand(args[0]), Number):
            program.add(node, "copy", [program.operand(args[0])], {})
        elif node in program.targets and (
            gate != "reshape" or not program.base(args[0])
        ):
            program.add(node, "copy", [program.operand(node)], {})

    def append_number(self, program: Program, node: str, args: list[str]) -> None:
        """Write a number into its reader's line."""
        given = tuple(program.operand(arg) for arg in args)
        settings = frozen(program.attrs(node))
        program.numbers[node] = Formula(program.gate(node), given, settings)

    def append_structural(self, program: Program, node: str, args: list[str]) -> None:
        """Append any other gate."""
        gate, attrs = program.gate(node), program.attrs(node)
        given = [program.operand(arg) for arg in args]
        value = program.add(node, *self.structural(program, node, (gate, given, attrs)))
        if gate == "pad":  # its border is filled once
            value.array.filling = float(attrs.get("value", 0.0))
            program.constants.append(value.array)


def _write_numbers(program: Program) -> None:
    """Append what writes a wanted gradient that is one number, such as 1."""
    for node, name in program.targets.items():
        if name and program.base(node) is None:
            number = program.operand(node)
            program.numbers.pop(node, None)
            program.add(node, "copy", [number], {})


def _counted(program: Program, node: str, attrs: Options) -> Size:
    """Count a node's elements along some axes."""
    shape, axis = program.shape(node), attrs.get("axis")
    if axis is not None:
        axes = (axis,) if isinstance(axis, int) else axis
        shape = tuple(shape[one] for one in axes)  # type: ignore[union-attr,index]
    return product(shape)


def slope_of_classes(program: Program, args: list[str]) -> str | None:
    """Return the gradient of a cross-entropy, which is computed with it."""
    for other in program.order:
        if program.gate(other) == "cross_entropy_slope" and args == (
            operands(program.graph, other)
        ):
            return other
    return None
