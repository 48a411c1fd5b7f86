"""A graph as a list of NumPy calls that write into arrays allocated once."""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.codegen.cpu.pointwise import append_pointwise
from gradtutor.codegen.cpu.products import product_parts
from gradtutor.codegen.cpu.writers import NUMPY
from gradtutor.codegen.ir.operands import Named
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.printer import Printer
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes
from gradtutor.codegen.lowering import Lowering, Parts, slope_of_classes
from gradtutor.codegen.rewrite.factors import ROW_DOTS
from gradtutor.codegen.rewrite.passes import PASSES
from gradtutor.gates import GATES, Pointwise


@dataclass(frozen=True)
class HostLowering(Lowering):
    """Single numbers are Python's, arrays are written by NumPy's functions.

    Attributes
    ----------
    printer : Printer
        NumPy's, or numba's for calls of compiled loops where one fits.
    """

    printer: Printer = NUMPY
    passes = PASSES

    def is_number(self, program: Program, node: str) -> bool:
        """Whether a node is one number, and none that is written into an array."""
        pointwise = isinstance(GATES[program.gate(node)], Pointwise)
        written = bool(program.targets.get(node)) and not pointwise
        return program.shape(node) == () and not written

    def append_pointwise(self, program: Program, node: str, args: list[str]) -> None:
        """Append the functions that a gate's expression is made of."""
        append_pointwise(program, node, args)

    def append_number(self, program: Program, node: str, args: list[str]) -> None:
        """Write a number into its reader's line, or give it a line and a name."""
        gate = program.gate(node)
        name = "" if program.targets.get(node) else program.name(node)
        if isinstance(GATES[gate], Pointwise) and not name:
            super().append_number(program, node, args)
            return
        name = name or f"{gate}_{1 + sum(bool(op.number) for op in program.ops)}"
        program.numbers[node] = Named(name)
        twin = slope_of_classes(program, args) if gate == "cross_entropy" else None
        outs = () if twin is None else (program.new_value(twin),)
        kind = gate if twin is None else "softmax_cross_entropy"
        options = program.attrs(node) if twin is None else {}
        given = tuple(program.operand(arg) for arg in args)
        program.ops.append(Op(kind, given, outs, options, number=name, node=node))
        program.done |= set() if twin is None else {twin}

    def append_view(self, program: Program, node: str, args: list[str]) -> None:
        """Append what moves no numbers; rows of windows stand a little apart."""
        super().append_view(program, node, args)
        cut = program.gate(args[0]) == "windows" and program.gate(node) == "reshape"
        if cut and node in program.values:
            array = program.values[node].array
            array.spaced = _is_matrix(array.shape)

    def append_structural(self, program: Program, node: str, args: list[str]) -> None:
        """Append any other gate; rows of a product without a name stand apart."""
        super().append_structural(program, node, args)
        if program.gate(node) == "matmul" and not program.name(node):
            array = program.values[node].array
            array.spaced = _is_matrix(array.shape)

    def structural(self, program: Program, node: str, parts: Parts) -> Parts:
        """Choose how BLAS gets a product."""
        kind, given, options = parts
        if kind == "matmul":
            return product_parts(program.batch, *given)
        kind = "row_dots" if options.get("subscripts") == ROW_DOTS else kind
        return kind, given, options


def _is_matrix(shape: Sizes) -> bool:
    """Whether a shape is rows of places times the batch."""
    return len(shape) == 2 and shape[1].is_long
