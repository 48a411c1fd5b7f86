"""Convolutions for cuDNN: kept whole in the graph, with copies in its order of memory.

cuDNN takes images (N, H, W, C), a step's arrays are (C, H, W, N). `closed` keeps the
passes from writing a convolution as windows, `convolutions` finds it and its two
gradients, one operation each, and `copy_channels_last` puts copies around them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.ir.operands import Array, Dtype, Operand, Options, Value
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size, Sizes
from gradtutor.codegen.rewrite.rules import Rule
from gradtutor.gates import Shape
from gradtutor.gates.structural.convolution import padding_pairs, spatial_attrs
from gradtutor.graph import Graph, NodeData, node_gate, node_shape, operands

#: The gates that stay whole, and the function that is each.
CALLS = {"conv": "convolution_into", "conv_transpose": "convolution_dx"}
#: For each call what its two arguments and its result are.
KINDS: dict[str, tuple[str, str, str]] = {
    "convolution_into": ("image", "weights", "image"),
    "convolution_dx": ("image", "weights", "image"),
    "convolution_dw": ("image", "image", "weights"),
}
#: The functions that copy into cuDNN's order and out of it.
COPIES = {
    "image": ("channels_last", "channels_first"),
    "weights": ("weights_last", "weights_first"),
}
Pairs = tuple[tuple[int, int], ...]

# ---- passes ----


def closed(rule: Rule) -> Rule:
    """Return a pass that leaves convolutions and their gradients as they are."""

    def kept(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
        if data["gate"] in CALLS or _reads_windows(tape.graph, data["gate"], args):
            return None
        return rule(tape, data, args)

    return kept


def _reads_windows(graph: Graph, gate: str, args: list[str]) -> bool:
    """Whether this is Σ u windows(x): the gradient by the weights, and nothing else."""
    if gate != "einsum" or len(args) != 2:
        return False
    return bool(node_gate(graph, _unshaped(graph, args[1])) == "windows")


def _unshaped(graph: Graph, node: str) -> str:
    while node_gate(graph, node) == "reshape":
        node = operands(graph, node)[0]
    return node


def padding_outside(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """conv(x, w) = conv(pad(x), w) where one side has more padding: few engines can.

    The gradient by x is then cut out of the gradient by pad(x).
    """
    if data["gate"] not in CALLS:
        return None
    attrs = _full(data["attrs"], tape.shape(args[1]))
    pairs = padding_pairs(attrs)
    if _even(pairs):
        return None
    x = args[0] if data["gate"] == "conv" else args[2]
    wide = tape.gate("pad", x, widths=((0, 0), *pairs))
    bare = dict(data["attrs"]) | {"padding": 0}
    if data["gate"] == "conv":
        return tape.gate("conv", wide, args[1], **bare)
    dx = tape.gate("conv_transpose", *args[:2], wide, **bare)
    sizes = zip(pairs, tape.shape(x)[1:], strict=False)
    cuts = [(before, before + int(size), 1) for (before, _), size in sizes]
    return tape.gate("slice", dx, cuts=((0, None, 1), *cuts))


def _full(attrs: Any, weights: Shape) -> dict[str, Any]:
    kernel = cast(tuple[int, ...], weights[2:])
    return spatial_attrs({k: v for k, v in attrs.items() if k != "groups"}, kernel)


def _even(pairs: Pairs) -> bool:
    return all(before == after for before, after in pairs)


def cudnn_passes(passes: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return a GPU's passes as they are for cuDNN: none opens a convolution."""
    return (padding_outside, *(closed(rule) for rule in passes))


# ---- operations ----


@dataclass(frozen=True)
class Convolution:
    """A convolution, or one of its two gradients, as an operation.

    Attributes
    ----------
    reads : tuple of tuple
        The two nodes that it reads, and the shape of each: (C, H, W, N) or
        (O, C, kh, kw), whatever groups they are seen in.
    shape : tuple
        What it makes.
    """

    kind: str
    options: Options
    reads: tuple[tuple[str, Sizes], ...]
    shape: Sizes


def convolutions(program: Program) -> dict[str, Convolution]:
    """Return, by node, each convolution of a program and each gradient of one.

    Where cuDNN pads itself, a padding that only such a gradient reads is done with.
    """
    found = {}
    for node in program.order:
        gate, args = program.gate(node), operands(program.graph, node)
        if gate in CALLS:
            weights: Shape = node_shape(program.graph, args[1])
            attrs = _full(program.attrs(node), weights)
            options = _options(attrs, padding_pairs(attrs))
            reads = tuple((arg, program.shape(arg)) for arg in args[:2])
            found[node] = Convolution(CALLS[gate], options, reads, program.shape(node))
        elif _reads_windows(program.graph, gate, args):
            found[node] = _weight_gradient(program, node, args)
    return found


def _weight_gradient(program: Program, node: str, args: list[str]) -> Convolution:
    """Take Σ u windows(pad(x)) for what it is."""
    graph = program.graph
    windows = _unshaped(graph, args[1])
    _leave_out_matrix(program, args[1])
    attrs, (x,) = program.attrs(windows), operands(graph, windows)
    pairs: Pairs = ((0, 0),) * len(attrs["kernel"])
    if program.gate(x) == "pad" and _pads_evenly(program.attrs(x), len(pairs)):
        pairs = program.attrs(x)["widths"][1 : 1 + len(pairs)]
        if program.readers[x] == 1:
            program.done.add(x)
        (x,) = operands(graph, x)
    u, rest = args[0], len(pairs) + 1
    reads = (x, program.shape(x)), (u, _ungrouped(program.shape(u), rest))
    shape = _ungrouped(program.shape(node), rest)
    return Convolution("convolution_dw", _options(attrs, pairs), reads, shape)


def _leave_out_matrix(program: Program, node: str) -> None:
    """Make no matrix of windows for a gradient by the weights that needs none."""
    while program.gate(node) == "reshape" and program.readers[node] == 1:
        program.done.add(node)
        node = operands(program.graph, node)[0]


def _ungrouped(shape: Sizes, rest: int) -> Sizes:
    """Put the channels of all groups on one axis, before the rest."""
    return (Size(math.prod(size.count for size in shape[:-rest])), *shape[-rest:])


def _pads_evenly(attrs: Any, rank: int) -> bool:
    """Whether cuDNN can pad so: zeros, as many before as after, images alone."""
    channel, *pairs = attrs["widths"]
    widths = [*pairs[:rank], *(pair for pair in (channel, *pairs[rank:]) if any(pair))]
    plain = len(widths) == rank and all(len(pair) == 2 for pair in widths)
    return plain and attrs.get("value", 0.0) == 0.0 and _even(tuple(widths))


def _options(attrs: Any, pairs: Pairs) -> Options:
    """Return a call's unusual settings; a signal is an image one row high."""
    full = {
        "stride": (tuple(attrs["stride"]), 1),
        "padding": (tuple(before for before, _ in pairs), 0),
        "dilation": (tuple(attrs["dilation"]), 1),
    }
    return {
        key: (usual, *numbers)[-2:]
        for key, (numbers, usual) in full.items()
        if any(number != usual for number in numbers)
    }


# ---- copies ----


def copy_channels_last(program: Program) -> Program:
    """Put copies in cuDNN's order around its calls; what is read twice is copied once.

    Parameters
    ----------
    program : Program
        Its arrays have names, and each operation writes an array of its own.
    """
    copies = _Copies(program)
    return program.with_ops([one for op in program.ops for one in copies.around(op)])


class _Copies:
    """The arrays of a step that there are in cuDNN's order, too."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.made: dict[Operand, Value] = {}
        self.taken = {array.name for op in program.ops for array in op.written}

    def around(self, op: Op) -> Iterator[Op]:
        """Yield an operation with the copies that it needs before and after it."""
        if op.kind not in KINDS:
            yield op
            return
        kinds = KINDS[op.kind]
        args: list[Value] = []
        for kind, arg in zip(kinds, op.inputs, strict=False):
            if arg not in self.made:
                copy = self._array(kind, arg, op.node)
                yield Op(COPIES[kind][0], (arg,), (copy,), node=op.node)
            args.append(self.made[arg])
        result = self._array(kinds[2], op.out, op.node)
        yield replace(op, inputs=tuple(args), outputs=(result,))
        back = COPIES[kinds[2]][1]
        yield Op(back, (result,), op.outputs, node=op.node, inside=op.inside)

    def _array(self, kind: str, operand: Operand, node: str) -> Value:
        """Return an array in cuDNN's order: (N, H, W, C), or (O, kh, kw, C)."""
        shape, text = operand.shape, self.program.text(operand)
        first, *middle, last = shape if kind == "image" else (*shape[1:], shape[0])
        sizes = (last, *(Size(1), *middle)[-2:], first)
        stem = text.partition(".")[0].partition("[")[0] + "_last"
        names = itertools.chain([stem], (f"{stem}{i}" for i in itertools.count(2)))
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        dtype: Dtype = "half" if self.program.half else "float32"
        self.made[operand] = Value(sizes, Array(sizes, dtype, name), node)
        return self.made[operand]
