"""Convolutions that are kept whole in the graph: cuDNN's, and implicit products.

`closed` keeps the passes from writing a convolution as windows, and `convolutions`
finds it and its two gradients, one operation each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.ir.operands import Options
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size, Sizes
from gradtutor.codegen.rewrite.rules import Rule
from gradtutor.gates import Shape
from gradtutor.gates.structural.convolution import padding_pairs, spatial_attrs
from gradtutor.graph import Graph, NodeData, node_gate, node_shape, operands


@dataclass(frozen=True)
class Convolver:
    """Who convolves without a matrix of windows.

    Attributes
    ----------
    calls : tuple of str
        The functions of a convolution and its gradients by image and weights.
    even : bool
        Whether it takes as much padding before as after an axis, and no other.
    """

    calls: tuple[str, str, str]
    even: bool

    @property
    def gates(self) -> dict[str, str]:
        """The gates that stay whole, and the function that is each."""
        return dict(zip(WHOLE, self.calls, strict=False))


#: The gates that stay whole: a convolution, and its gradient by the image.
WHOLE = ("conv", "conv_transpose")
CONVOLVERS = {
    "cudnn": Convolver(
        ("convolution_into", "convolution_dx", "convolution_dw"), even=True
    ),
    "implicit": Convolver(("convolve_into", "convolve_dx", "convolve_dw"), even=False),
}
Pairs = tuple[tuple[int, int], ...]

# ---- passes ----


def closed(rule: Rule) -> Rule:
    """Return a pass that leaves convolutions and their gradients as they are."""

    def kept(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
        if data["gate"] in WHOLE or _reads_windows(tape.graph, data["gate"], args):
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
    if data["gate"] not in WHOLE:
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


def whole_passes(passes: Iterable[Rule], conv: str) -> tuple[Rule, ...]:
    """Return a GPU's passes as they are for one of `CONVOLVERS`.

    None opens a convolution.
    """
    first = (padding_outside,) if CONVOLVERS[conv].even else ()
    return (*first, *(closed(rule) for rule in passes))


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


def convolutions(program: Program, conv: str) -> dict[str, Convolution]:
    """Return, by node, each convolution of a program and each gradient of one.

    Where the call pads itself, a padding that only such a gradient reads is done with.
    """
    found, convolver = {}, CONVOLVERS[conv]
    for node in program.order:
        gate, args = program.gate(node), operands(program.graph, node)
        if gate in convolver.gates:
            weights: Shape = node_shape(program.graph, args[1])
            attrs = _full(program.attrs(node), weights)
            options = _options(attrs, padding_pairs(attrs))
            reads = tuple((arg, program.shape(arg)) for arg in args[:2])
            found[node] = Convolution(
                convolver.gates[gate], options, reads, program.shape(node)
            )
        elif _reads_windows(program.graph, gate, args):
            found[node] = _weight_gradient(program, node, args, convolver)
    return found


def _weight_gradient(
    program: Program, node: str, args: list[str], convolver: Convolver
) -> Convolution:
    """Take Σ u windows(pad(x)) for what it is."""
    graph = program.graph
    windows = _unshaped(graph, args[1])
    _leave_out_matrix(program, args[1])
    attrs, (x,) = program.attrs(windows), operands(graph, windows)
    pairs: Pairs = ((0, 0),) * len(attrs["kernel"])
    found = (
        _zeros_around(program.attrs(x), len(pairs))
        if program.gate(x) == "pad"
        else None
    )
    if found is not None and (_even(found) or not convolver.even):
        pairs = found
        if program.readers[x] == 1:
            program.done.add(x)
        (x,) = operands(graph, x)
    u, rest = args[0], len(pairs) + 1
    reads = (x, program.shape(x)), (u, _ungrouped(program.shape(u), rest))
    shape = _ungrouped(program.shape(node), rest)
    return Convolution(convolver.calls[2], _options(attrs, pairs), reads, shape)


def _leave_out_matrix(program: Program, node: str) -> None:
    """Make no matrix of windows for a gradient by the weights that needs none."""
    while program.gate(node) == "reshape" and program.readers[node] == 1:
        program.done.add(node)
        node = operands(program.graph, node)[0]


def _ungrouped(shape: Sizes, rest: int) -> Sizes:
    """Put the channels of all groups on one axis, before the rest."""
    return (Size(math.prod(size.count for size in shape[:-rest])), *shape[-rest:])


def _zeros_around(attrs: Any, rank: int) -> Pairs | None:
    """Return a padding with zeros of the places of images; None where it is another."""
    channel, *pairs = attrs["widths"]
    found, others = pairs[:rank], (channel, *pairs[rank:])
    close = all(len(pair) == 2 for pair in found) and not any(map(any, others))
    return tuple(found) if close and attrs.get("value", 0.0) == 0.0 else None


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
