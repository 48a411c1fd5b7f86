"""Convolutions for cuDNN: kept whole in the graph, with copies in its order of memory.

cuDNN takes images (N, H, W, C), a step's arrays are (C, H, W, N). `closed` keeps the
passes from writing a convolution as windows, `append_convolution` makes it and its two
gradients one call each, and `copy_channels_last` puts copies around the calls.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.ir.calls import Array, Call, Value
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.rewrite.rules import Rule
from gradtutor.gates import Shape
from gradtutor.gates.structural.convolution import padding_pairs, spatial_attrs
from gradtutor.graph import Graph, operands

#: The gates that stay whole, and the function that is each.
CALLS = {"conv": "convolution_into", "conv_transpose": "convolution_dx"}
#: For each function what its two arguments and its result are.
KINDS = {
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

    def kept(tape: GraphTape, data: dict[str, Any], args: list[str]) -> str | None:
        if data["gate"] in CALLS or _reads_windows(tape.graph, data["gate"], args):
            return None
        return rule(tape, data, args)

    return kept


def _reads_windows(graph: Graph, gate: str, args: list[str]) -> bool:
    """Whether this is Σ u windows(x): the gradient by the weights, and nothing else."""
    if gate != "einsum" or len(args) != 2:
        return False
    return bool(graph._node[_unshaped(graph, args[1])]["gate"] == "windows")


def _unshaped(graph: Graph, node: str) -> str:
    while graph._node[node]["gate"] == "reshape":
        node = operands(graph, node)[0]
    return node


def padding_outside(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
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


# ---- calls ----


@dataclass(frozen=True)
class Convolution:
    """A convolution, or one of its two gradients, as a call.

    Attributes
    ----------
    reads : tuple of tuple
        The two nodes that it reads, and the shape of each: (C, H, W, N) or
        (O, C, kh, kw), whatever groups they are seen in.
    shape : tuple
        What it makes.
    """

    template: str
    reads: tuple[tuple[str, Shape], ...]
    shape: Shape


def convolutions(program: Program) -> dict[str, Convolution]:
    """Return, by node, each convolution of a program and each gradient of one.

    Where cuDNN pads itself, a padding that only such a gradient reads is done with.
    """
    found = {}
    for node in program.order:
        data, args = program.data(node), operands(program.graph, node)
        if data["gate"] in CALLS:
            attrs = _full(data["attrs"], program.shape_of(args[1]))
            text = _template(CALLS[data["gate"]], attrs, padding_pairs(attrs))
            reads = tuple((arg, program.shape_of(arg)) for arg in args[:2])
            found[node] = Convolution(text, reads, data["shape"])
        elif _reads_windows(program.graph, data["gate"], args):
            found[node] = _weight_gradient(program, node, args)
    return found


def _weight_gradient(program: Program, node: str, args: list[str]) -> Convolution:
    """Take Σ u windows(pad(x)) for what it is."""
    graph = program.graph
    windows = _unshaped(graph, args[1])
    _leave_out_matrix(program, args[1])
    attrs, (x,) = program.data(windows)["attrs"], operands(graph, windows)
    pairs: Pairs = ((0, 0),) * len(attrs["kernel"])
    pad = program.data(x)
    if pad["gate"] == "pad" and _pads_evenly(pad["attrs"], len(pairs)):
        if program.readers[x] == 1:
            program.done.add(x)
        pairs = pad["attrs"]["widths"][1 : 1 + len(pairs)]
        (x,) = operands(graph, x)
    u, rank = args[0], len(pairs)
    text = _template("convolution_dw", attrs, pairs)
    reads = (x, program.shape_of(x)), (u, _ungrouped(program.shape_of(u), rank + 1))
    return Convolution(text, reads, _ungrouped(program.shape_of(node), rank + 1))


def _leave_out_matrix(program: Program, node: str) -> None:
    """Make no matrix of windows for a gradient by the weights that needs none."""
    while program.data(node)["gate"] == "reshape" and program.readers[node] == 1:
        program.done.add(node)
        node = operands(program.graph, node)[0]


def _ungrouped(shape: Shape, rest: int) -> Shape:
    """Put the channels of all groups on one axis, before the rest."""
    return (math.prod(int(size) for size in shape[:-rest]), *shape[-rest:])


def _pads_evenly(attrs: Any, rank: int) -> bool:
    """Whether cuDNN can pad so: zeros, as many before as after, images alone."""
    channel, *pairs = attrs["widths"]
    widths = [*pairs[:rank], *(pair for pair in (channel, *pairs[rank:]) if any(pair))]
    plain = len(widths) == rank and all(len(pair) == 2 for pair in widths)
    return plain and attrs.get("value", 0.0) == 0.0 and _even(tuple(widths))


def _template(name: str, attrs: Any, pairs: Pairs) -> str:
    """Write the call; a signal is an image one row high."""
    full = {
        "stride": (tuple(attrs["stride"]), 1),
        "padding": (tuple(before for before, _ in pairs), 0),
        "dilation": (tuple(attrs["dilation"]), 1),
    }
    options = ""
    for key, (numbers, usual) in full.items():
        if any(number != usual for number in numbers):
            options += f", {key}={(usual, *numbers)[-2:]}"
    return f"{name}(a, b{options}, out=out)"


# ---- copies ----


def copy_channels_last(program: Program, half: bool) -> None:
    """Put copies in cuDNN's order around its calls; what is read twice is copied once.

    Parameters
    ----------
    program : Program
        Its arrays have names, and each call writes an array of its own.
    half : bool
        Whether cuDNN's arrays are kept in 16 bits.
    """
    copies = Copies(program, "half" if half else "float32")
    program.calls = [one for call in program.calls for one in copies.around(call)]


class Copies:
    """The arrays of a step that there are in cuDNN's order, too."""

    def __init__(self, program: Program, dtype: str) -> None:
        self.program, self.dtype = program, dtype
        self.made: dict[str, Value] = {}
        self.taken = {value.array.name for call in program.calls for value in call.outs}

    def around(self, call: Call) -> Iterator[Call]:
        """Yield a call with the copies that it needs before and after it."""
        kinds = KINDS.get(call.template.partition("(")[0])
        if kinds is None or call.out is None:
            yield call
            return
        args: list[Value] = []
        for kind, arg in zip(kinds, call.args, strict=False):
            text = self.program.text(arg)
            if text not in self.made:
                copy = self._array(kind, text, self.program.shape_of(arg))
                yield Call(
                    f"{COPIES[kind][0]}(a, out=out)", [arg], copy, node=call.node
                )
            args.append(self.made[text])
        result = self._array(kinds[2], self.program.text(call.out), call.out.shape)
        yield replace(call, args=args, out=result)
        back = f"{COPIES[kinds[2]][1]}(a, out=out)"
        yield Call(back, [result], call.out, node=call.node, inside=call.inside)

    def _array(self, kind: str, text: str, shape: Shape) -> Value:
        """Return an array in cuDNN's order: (N, H, W, C), or (O, kh, kw, C)."""
        first, *middle, last = shape if kind == "image" else (*shape[1:], shape[0])
        sizes = (last, *(1, *middle)[-2:], first)
        stem = text.partition(".")[0].partition("[")[0] + "_last"
        names = itertools.chain([stem], (f"{stem}{i}" for i in itertools.count(2)))
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        self.made[text] = Value(sizes, Array(sizes, self.dtype, name))
        return self.made[text]
