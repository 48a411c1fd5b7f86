"""A network's graph as operations for a GPU: a pointwise gate is one, and they fuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from gradtutor.codegen.cpu.lowering import append_view, write_numbers
from gradtutor.codegen.gpu.convolutions import Convolution, convolutions
from gradtutor.codegen.gpu.half_storage import place_scale
from gradtutor.codegen.gpu.writers import (
    CUPY,
    REDUCTIONS,
    TAKE_VIEWS,
    WRITERS,
    follow,
    reduced_axes,
)
from gradtutor.codegen.ir.operands import (
    VIEWS,
    Array,
    Formula,
    Input,
    Operand,
    Options,
    Value,
    View,
    frozen,
)
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes
from gradtutor.codegen.recurrence import RECURRENT, append_recurrence
from gradtutor.codegen.rewrite.passes import DEVICE_PASSES
from gradtutor.codegen.rewrite.rules import apply_passes
from gradtutor.errors import TutorError
from gradtutor.gates import COMPARISONS, GATES, Pointwise
from gradtutor.graph import Graph, operands
from gradtutor.messages import tr


class NoDeviceTextError(TutorError):
    """A gate that no kernel is written for."""


def device_program(
    graph: Graph, targets: Mapping[str, str], batch: int = 64, conv: str = "windows"
) -> Program:
    """Return the operations that compute the targets on a GPU.

    Parameters
    ----------
    targets : mapping
        Wanted nodes, and the array outside that each is written into, or "".
    batch : int
        The usual number of examples.
    conv : str
        ``windows``, or ``cudnn`` where convolutions are that library's calls.
    """
    program = Program(graph, targets, batch, CUPY, by_reference=True)
    place_scale(program)
    whole = convolutions(program) if conv == "cudnn" else {}
    for node in program.order:
        if node in whole:
            _append_convolution(program, node, whole[node])
        elif node not in program.done:
            _append(program, node)
    write_numbers(program)
    return program


def _append(program: Program, node: str) -> None:
    gate, args = program.gate(node), operands(program.graph, node)
    if gate in ("input", "number"):
        return
    if gate in RECURRENT:
        append_recurrence(program, node, partial(_body, program))
    elif gate == "reshape" and program.gate(args[0]) == "windows":
        _copy_windows(program, node, args[0])
    elif gate == "reshape" and _is_scattered(program.operand(args[0])):
        made = _copied(program, node, program.operand(args[0]))
        program.values[node] = Value(program.shape(node), made.array, node)
    elif gate in ("size", *VIEWS):
        append_view(program, node, args)
    elif isinstance(GATES[gate], Pointwise):
        _append_pointwise(program, node, args)
    elif gate == "cross_entropy":
        _append_cross_entropy(program, node, args)
    else:
        _append_structural(program, node, args)


def _body(program: Program, graph: Graph, targets: Mapping[str, str]) -> Program:
    """Lower what a loop does at each step."""
    lowest, found = apply_passes(graph, list(targets), DEVICE_PASSES)
    body = Program(
        lowest,
        dict(zip(found, targets.values(), strict=True)),
        program.batch,
        CUPY,
        by_reference=True,
        taken=program.taken,
    )
    for node in body.order:
        _append(body, node)
    return body


# ---- pointwise ----


def _append_pointwise(program: Program, node: str, args: list[str]) -> None:
    """Append one operation; a formula of numbers that the host knows."""
    gate, given = program.gate(node), tuple(program.operand(arg) for arg in args)
    held = any(isinstance(x, Value | Input) for x in given)
    if program.shape(node) == () and not held:
        program.numbers[node] = Formula(gate, given, frozen(program.attrs(node)))
        return
    value = program.new_value(node)
    value.array.dtype = "bool" if gate in COMPARISONS else "float32"
    options = program.attrs(node)
    op = Op(gate, given, (value,), options, node=node, elementwise=True)
    program.ops.append(op)


# ---- structural ----


def _copy_windows(program: Program, node: str, source: str) -> None:
    """Copy windows into a matrix: im2col."""
    (name,) = operands(program.graph, source)
    image = _whole(program, node, program.operand(name))
    program.add(node, "copy_windows", [image], program.attrs(source))


def _append_convolution(program: Program, node: str, found: Convolution) -> None:
    """Append a convolution, or a gradient of one, as one call of a library."""
    args = tuple(_seen_as(program, node, *read) for read in found.reads)
    value = Value(found.shape, Array(found.shape), node)
    program.values[node] = value
    program.ops.append(Op(found.kind, args, (value,), found.options, node=node))


def _seen_as(program: Program, node: str, arg: str, shape: Sizes) -> Operand:
    """Return an argument that lies in memory in this shape."""
    whole = _whole(program, node, program.operand(arg))
    return replace(whole, shape=shape) if isinstance(whole, Value) else whole


def _append_structural(program: Program, node: str, names: list[str]) -> None:
    gate, attrs = program.gate(node), program.attrs(node)
    args = [program.operand(name) for name in names]
    if gate == "matmul":
        args = [_matrix(program, node, arg) for arg in args]
    elif gate not in TAKE_VIEWS:
        args = [_whole(program, node, arg) for arg in args]
    if gate in REDUCTIONS and not follow(reduced_axes(attrs, args[0].shape)):
        args[0], attrs = _axes_together(program, node, args[0])
    if gate not in WRITERS and gate != "einsum":
        raise NoDeviceTextError(
            tr("--backend cupy has no kernel for {gate}: numpy has", gate=gate)
        )
    value = program.add(node, gate, args, attrs)
    if gate == "pad":  # its border is filled once
        value.array.filling = float(attrs.get("value", 0.0))
        program.constants.append(value.array)


def _whole(program: Program, node: str, arg: Operand) -> Operand:
    """Return an argument that lies in memory as its axes say: a view is copied."""
    source = _unshaped(arg)
    if not isinstance(source, View):
        return arg
    made = _copied(program, node, source)
    return Value(arg.shape, made.array, node)


def _unshaped(arg: Operand) -> Operand:
    """Return what a chain of reshapes looks at."""
    while isinstance(arg, View) and arg.kind == "reshape":
        arg = arg.args[0]
    return arg


def _matrix(program: Program, node: str, arg: Operand) -> Operand:
    """Return a factor as cuBLASLt takes it: rows, or columns, that lie together."""
    turned = isinstance(arg, View) and arg.kind == "transpose"
    turned = turned and arg.options.get("axes") is None  # type: ignore[union-attr]
    source = _unshaped(arg.args[0] if turned and isinstance(arg, View) else arg)
    if isinstance(source, View) and source.kind == "slice" and _cuts_first(source):
        source = _unshaped(source.args[0])
    return _whole(program, node, arg) if isinstance(source, View) else arg


def _cuts_first(view: View) -> bool:
    """Whether a slice takes whole rows of the first axis."""
    cuts = view.options["cuts"]
    assert isinstance(cuts, tuple | list)
    return all(cut == (0, None, 1) for cut in cuts[1:])


def _is_scattered(arg: Operand) -> bool:
    """Whether axes of a stack were turned: other axes of it are no view."""
    return isinstance(arg, View) and arg.kind == "transpose" and len(arg.shape) > 2


def _copied(program: Program, node: str, view: Operand) -> Value:
    value = Value(view.shape, Array(view.shape), node)
    program.ops.append(Op("copy", (view,), (value,), node=node))
    return value


def _axes_together(
    program: Program, node: str, arg: Operand
) -> tuple[Operand, Options]:
    """Turn the axes that are reduced to the end."""
    axes = reduced_axes(program.attrs(node), arg.shape)
    order = tuple(axis for axis in range(len(arg.shape)) if axis not in axes) + axes
    shape = tuple(arg.shape[axis] for axis in order)
    turned = View("transpose", (arg,), shape, (("axes", order),))
    last = tuple(range(len(shape) - len(axes), len(shape)))
    options = dict(program.attrs(node)) | {"axis": last}
    return _copied(program, node, turned), options


def _append_cross_entropy(program: Program, node: str, args: list[str]) -> None:
    """Append the loss and its gradient: one kernel over the rows writes both."""
    twin = next(
        other for other in program.order
        if program.gate(other) == "cross_entropy_slope"
        and operands(program.graph, other) == args
    )  # fmt: skip
    scores, labels = (program.operand(arg) for arg in args)
    scores = _whole(program, node, scores)  # the kernel reads its rows
    outs = program.new_value(node), program.new_value(twin)
    op = Op("softmax_cross_entropy", (scores, labels), outs, node=node)
    program.ops.append(op)
    program.done.add(twin)
