"""A network's graph as operations for a GPU: a pointwise gate is one, and they fuse."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gradtutor.codegen.gpu.convolutions import CONVOLVERS, Convolution, convolutions
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
    Array,
    Input,
    Operand,
    Options,
    Value,
    View,
)
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes
from gradtutor.codegen.lowering import Lowering, Parts, slope_of_classes
from gradtutor.codegen.rewrite.passes import DEVICE_PASSES
from gradtutor.errors import TutorError
from gradtutor.gates import COMPARISONS, GATES, Pointwise
from gradtutor.graph import Graph, operands
from gradtutor.messages import tr


class NoDeviceTextError(TutorError):
    """A gate that no kernel is written for."""


@dataclass
class DeviceLowering(Lowering):
    """Single numbers that come of arrays stay in device memory, and gates are one each.

    Attributes
    ----------
    conv : str
        ``windows``, or one of ``CONVOLVERS``, whose calls convolutions are.
    """

    conv: str = "windows"
    printer = CUPY
    passes = DEVICE_PASSES
    by_reference = True
    whole: dict[tuple[Graph, str], Convolution] = field(default_factory=dict)

    def prepare(self, program: Program) -> None:
        """Find the convolutions that are calls."""
        place_scale(program)
        if self.conv in CONVOLVERS:
            found = convolutions(program, self.conv)
            self.whole = {(program.graph, node): one for node, one in found.items()}

    def append(self, program: Program, node: str) -> None:
        """Append what makes a node: a whole convolution, or as anywhere."""
        found = self.whole.get((program.graph, node))
        if found is not None:
            _append_convolution(program, node, found)
        else:
            super().append(program, node)

    def is_number(self, program: Program, node: str) -> bool:
        """Whether a node is a formula of numbers that the host knows."""
        if not isinstance(GATES[program.gate(node)], Pointwise):
            return False
        given = map(program.operand, operands(program.graph, node))
        held = any(isinstance(x, Value | Input) for x in given)
        return program.shape(node) == () and not held

    def append_pointwise(self, program: Program, node: str, args: list[str]) -> None:
        """Append one operation."""
        gate, given = program.gate(node), tuple(program.operand(arg) for arg in args)
        value = program.new_value(node)
        value.array.dtype = "bool" if gate in COMPARISONS else "float32"
        options = program.attrs(node)
        op = Op(gate, given, (value,), options, node=node, elementwise=True)
        program.ops.append(op)

    def append_view(self, program: Program, node: str, args: list[str]) -> None:
        """Append what moves no numbers; a stack whose axes were turned is copied."""
        if program.gate(node) == "reshape" and _is_scattered(program.operand(args[0])):
            made = _copied(program, node, program.operand(args[0]))
            program.values[node] = Value(program.shape(node), made.array, node)
        else:
            super().append_view(program, node, args)

    def image(self, program: Program, node: str, image: Operand) -> Operand:
        """Return an image that lies in memory as its axes say."""
        return _whole(program, node, image)

    def append_structural(self, program: Program, node: str, args: list[str]) -> None:
        """Append any other gate; the loss and its gradient are one kernel's."""
        if program.gate(node) == "cross_entropy":
            _append_cross_entropy(program, node, args)
        else:
            super().append_structural(program, node, args)

    def structural(self, program: Program, node: str, parts: Parts) -> Parts:
        """Let arguments lie in memory as kernels and cuBLASLt read them.

        Raises
        ------
        NoDeviceTextError
            Where there is no kernel.
        """
        gate, args, attrs = parts
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
        return gate, args, attrs


# ---- whole convolutions ----


def _append_convolution(program: Program, node: str, found: Convolution) -> None:
    """Append a convolution, or a gradient of one, as one call."""
    args = tuple(_seen_as(program, node, *read) for read in found.reads)
    value = Value(found.shape, Array(found.shape), node)
    program.values[node] = value
    program.ops.append(Op(found.kind, args, (value,), found.options, node=node))


def _seen_as(program: Program, node: str, arg: str, shape: Sizes) -> Operand:
    """Return an argument that lies in memory in this shape."""
    whole = _whole(program, node, program.operand(arg))
    return replace(whole, shape=shape) if isinstance(whole, Value) else whole


# ---- what lies in memory as it is read ----


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
    twin = slope_of_classes(program, args)
    assert twin is not None, "a loss is lowered with its gradient"
    scores, labels = (program.operand(arg) for arg in args)
    scores = _whole(program, node, scores)  # the kernel reads its rows
    outs = program.new_value(node), program.new_value(twin)
    op = Op("softmax_cross_entropy", (scores, labels), outs, node=node)
    program.ops.append(op)
    program.done.add(twin)
