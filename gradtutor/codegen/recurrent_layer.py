"""A recurrent layer while it is lowered: its names, its arrays, its rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradtutor.codegen.ir.loop import Whole
from gradtutor.codegen.ir.operands import Array, Input, Operand, Value
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size, Sizes
from gradtutor.gates import Attributes
from gradtutor.gates.structural.cells import CELLS, Cell
from gradtutor.graph import Graph, add_input


@dataclass
class Layer:
    """One recurrent layer while it is lowered.

    Attributes
    ----------
    saved : dict
        What all steps made, by its name in the cell.
    suffix : str
        What follows a cell's names in the script: i1, f1, … of h1.
    """

    program: Program
    cell: Cell
    attrs: Attributes
    args: tuple[Operand, ...]
    steps: Sizes
    states: Sizes
    suffix: str
    saved: dict[str, Value] = field(default_factory=dict)
    wholes: dict[int, Whole] = field(default_factory=dict)

    @classmethod
    def of(cls, program: Program, node: str, args: list[str]) -> Layer:
        """Look at a node of the gate ``recurrence``."""
        attrs, states = program.attrs(node), program.shape(node)
        steps = (Size(states[0].count - 1), *states[1:])
        name = program.name(node)
        suffix = name.removeprefix("h") if name else ""
        given = tuple(program.operand(arg) for arg in args)
        program.taken |= {program.name(one) for one in program.order}
        cell = CELLS[str(attrs["cell"])]
        return cls(program, cell, attrs, given, steps, states, suffix)

    @property
    def units(self) -> int:
        """How many units the layer has."""
        return self.states[2].count

    @property
    def backwards(self) -> bool:
        """Whether the sequence is read from its end."""
        return bool(self.attrs["backwards"])

    @property
    def came(self) -> int:
        """Which row of the states stands before step t, beside t."""
        return 1 if self.backwards else 0

    def name(self, word: str) -> str:
        """Return a name that the script has not yet."""
        stem = f"{word}{self.suffix}"
        while stem in self.program.taken:
            stem += "_"
        self.program.taken.add(stem)
        return stem

    def array(self, word: str, shape: Sizes) -> Array:
        """Return a new array for what all steps make."""
        return Array(shape, name=self.name(word))

    # ---- a body's graph ----

    def whole(self, graph: Graph, position: int) -> str:
        """Add the weights or the bias, a parameter by its own name."""
        operand = self.args[position]
        shape = tuple(size.dimension for size in operand.shape)
        if isinstance(operand, Input):
            return add_input(graph, operand.name, shape, role=operand.role)
        if position not in self.wholes:
            self.wholes[position] = Whole(self.name(" Uc"[position]), operand)
        return add_input(graph, self.wholes[position].name, shape)

    def rows(self, graph: Graph, name: str, columns: int = 1) -> str:
        """Add one step's numbers: (N, columns times units)."""
        batch = self.states[1].dimension
        return add_input(graph, name, (batch, columns * self.units))
