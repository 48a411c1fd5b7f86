"""A graph as a list of NumPy calls that write into arrays allocated once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from gradtutor.codegen.cpu.pointwise import append_pointwise
from gradtutor.codegen.cpu.products import product_op
from gradtutor.codegen.cpu.writers import NUMPY
from gradtutor.codegen.ir.operands import (
    VIEWS,
    Count,
    Formula,
    Named,
    Number,
    Options,
    frozen,
)
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.printer import Printer
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size, Sizes, product
from gradtutor.codegen.recurrence import RECURRENT, append_recurrence
from gradtutor.codegen.rewrite.factors import ROW_DOTS
from gradtutor.codegen.rewrite.passes import PASSES
from gradtutor.codegen.rewrite.rules import apply_passes
from gradtutor.gates import GATES, Pointwise
from gradtutor.graph import Graph, operands


def lowered(
    graph: Graph, targets: Mapping[str, str], batch: int = 64, printer: Printer = NUMPY
) -> Program:
    """Return the operations that compute the targets.

    Parameters
    ----------
    targets : mapping
        Wanted nodes, and the array outside that each is written into, or "".
    batch : int
        The usual number of examples, by which products are cut into slices.
    printer : Printer
        NumPy's, or numba's for calls of compiled loops where one fits.
    """
    program = Program(graph, targets, batch, printer)
    for node in program.order:
        if node not in program.done:
            _append(program, node)
    write_numbers(program)
    return program


def write_numbers(program: Program) -> None:
    """Append what writes a wanted gradient that is one number, such as 1."""
    for node, name in program.targets.items():
        if name and program.base(node) is None:
            number = program.operand(node)
            program.numbers.pop(node, None)
            program.add(node, "copy", [number], {})


def _append(program: Program, node: str) -> None:
    gate = program.gate(node)
    if gate in ("input", "number"):
        return
    args = operands(program.graph, node)
    if gate in RECURRENT:
        append_recurrence(program, node, partial(_body, program))
    elif gate in ("size", *VIEWS):
        append_view(program, node, args)
    elif program.shape(node) == () and not _is_array(program, node, gate):
        _append_scalar(program, node, args)
    elif isinstance(GATES[gate], Pointwise):
        append_pointwise(program, node, args)
    else:
        _append_structural(program, node, args)


def _body(program: Program, graph: Graph, targets: Mapping[str, str]) -> Program:
    """Lower what a loop does at each step."""
    lowest, found = apply_passes(graph, list(targets), PASSES)
    names = dict(zip(found, targets.values(), strict=True))
    body = Program(lowest, names, program.batch, program.printer, taken=program.taken)
    for node in body.order:
        if node not in body.done:
            _append(body, node)
    return body


def _is_array(program: Program, node: str, gate: str) -> bool:
    """Whether one number is written into an array: the gradient by a number."""
    return bool(program.targets.get(node)) and not isinstance(GATES[gate], Pointwise)


def append_view(program: Program, node: str, args: list[str]) -> None:
    """Append what moves no numbers: nothing, but for windows and wanted views."""
    gate = program.gate(node)
    if gate == "size":
        program.numbers[node] = Count(_counted(program, args[0], program.attrs(node)))
    elif gate == "reshape" and program.gate(args[0]) == "windows":
        value = program.add(node, "copy_windows", [program.operand(args[0])], {})
        value.array.spaced = is_matrix(value.shape)
    elif gate == "broadcast" and isinstance(program.operand(args[0]), Number):
        program.add(node, "copy", [program.operand(args[0])], {})
    elif node in program.targets and (gate != "reshape" or not program.base(args[0])):
        program.add(node, "copy", [program.operand(node)], {})


def _counted(program: Program, node: str, attrs: Options) -> Size:
    """Count a node's elements along some axes."""
    shape, axis = program.shape(node), attrs.get("axis")
    if axis is not None:
        axes = (axis,) if isinstance(axis, int) else axis
        shape = tuple(shape[one] for one in axes)  # type: ignore[union-attr,index]
    return product(shape)


def _append_structural(program: Program, node: str, args: list[str]) -> None:
    gate, attrs = program.gate(node), program.attrs(node)
    if gate == "matmul":
        value = program.new_value(node)
        program.ops.append(product_op(program, node, args, value))
        value.array.spaced = not program.name(node) and is_matrix(value.shape)
        return
    kind = "row_dots" if attrs.get("subscripts") == ROW_DOTS else gate
    value = program.add(node, kind, [program.operand(arg) for arg in args], attrs)
    if gate == "pad":  # its border is filled once
        value.array.filling = float(attrs.get("value", 0.0))
        program.constants.append(value.array)


def is_matrix(shape: Sizes) -> bool:
    """Whether a shape is rows of places times the batch."""
    return len(shape) == 2 and shape[1].is_long


# ---- single numbers ----


def _append_scalar(program: Program, node: str, args: list[str]) -> None:
    """Write a number into its reader's line, or give it a line and a name."""
    gate, attrs = program.gate(node), program.attrs(node)
    name = "" if program.targets.get(node) else program.name(node)
    given = tuple(program.operand(arg) for arg in args)
    if isinstance(GATES[gate], Pointwise) and not name:
        program.numbers[node] = Formula(gate, given, frozen(attrs))
        return
    name = name or f"{gate}_{1 + sum(bool(op.number) for op in program.ops)}"
    program.numbers[node] = Named(name)
    twin = _slope(program, args) if gate == "cross_entropy" else None
    if twin is None:
        program.ops.append(Op(gate, given, (), attrs, number=name, node=node))
        return
    value = program.new_value(twin)
    op = Op("softmax_cross_entropy", given, (value,), number=name, node=node)
    program.ops.append(op)
    program.done.add(twin)


def _slope(program: Program, args: list[str]) -> str | None:
    """Return the gradient of a cross-entropy, which is computed with it."""
    for other in program.order:
        if program.gate(other) == "cross_entropy_slope" and args == (
            operands(program.graph, other)
        ):
            return other
    return None
