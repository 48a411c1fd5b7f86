"""Convolutions by shifted rows, compiled: no matrix of windows.

With the batch last, a row of a result holds all places and examples, and a tap of the
kernel is a row of x, shifted: out[o, h] = Σ w[o, c, i, j] · x[c, h + i, j·N:]. All taps
stand in one expression, so that a sum is read and written once for nine products.
`kept_whole` keeps the passes from opening such a convolution, and `direct_loops` makes
it and its gradients calls of a loop. The gradient by x is the convolution of the padded
gradient with the kernel turned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import prod
from typing import Any, cast

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.cpu.direct_text import Rows, convolution_text, gradient_text
from gradtutor.codegen.ir.launches import Launch
from gradtutor.codegen.ir.operands import Array, Input, Operand, Value, View
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes
from gradtutor.codegen.rewrite.conv_passes import turned
from gradtutor.codegen.rewrite.rules import Rule, gate_of
from gradtutor.gates import Shape
from gradtutor.gates.structural.convolution import padding_pairs, spatial_attrs

#: Channels in times channels out, and taps, for which a product is slower (measured on
#: one core: 32 → 32, 3×3, 9.4 ms by windows and 6.2 by rows; 64 → 64 the same).
CHANNELS, TAPS = 1024, 3
#: Numbers of a row below which a loop has too little to do.
ROW = 128
#: Taps of one row of a kernel that stand in one expression.
WIDEST = 9

# ---- passes over the graph ----


def direct_passes(passes: Iterable[Rule], batch: int) -> tuple[Rule, ...]:
    """Return a CPU's passes as they are where rows are shifted."""

    def direct_convolutions(
        tape: GraphTape, data: dict[str, Any], args: list[str]
    ) -> str | None:
        if data["gate"] == "conv":
            return _padded_before(tape, data, args, batch)
        if data["gate"] == "conv_transpose":
            return _turned(tape, data, args, batch)
        return None

    return (direct_convolutions, *(kept_whole(rule, batch) for rule in passes))


def kept_whole(rule: Rule, batch: int) -> Rule:
    """Return a pass that leaves the convolutions of rows as they are."""

    def kept(tape: GraphTape, data: dict[str, Any], args: list[str]) -> str | None:
        if _is_whole(tape, data, args, batch):
            return None
        return rule(tape, data, args)

    return kept


def _is_whole(
    tape: GraphTape, data: dict[str, Any], args: list[str], batch: int
) -> bool:
    """Whether this is such a convolution, or Σ u windows(x), its gradient by w."""
    if data["gate"] == "conv":
        weights = tape.shape(args[1])
        bare = _is_unpadded(data["attrs"], weights)
        return bare and _fits(data["shape"], weights, data["attrs"], batch)
    if data["gate"] != "einsum" or len(args) != 2:
        return False
    if gate_of(tape, args[1]) != "windows":
        return False
    cut, u = tape.graph._node[args[1]], tape.shape(args[0])
    rank = len(cut["attrs"]["kernel"])
    places, taps = "hw"[:rank], "ij"[:rank]
    wanted = f"o{places}n,c{taps}{places}n->oc{taps}"
    weights = (u[0], cut["shape"][0], *cut["attrs"]["kernel"])
    return data["attrs"]["subscripts"] == wanted and _suits(
        weights, cut["attrs"]["stride"], u, batch
    )


def _fits(places: Shape, weights: Shape, attrs: Any, batch: int) -> bool:
    """Whether a convolution is one of rows: a step of 1 along them, no groups."""
    rank = len(weights) - 2
    if attrs["groups"] != 1 or len(places) != rank + 2:
        return False
    full = _full(attrs, weights)
    return _suits(weights, full["stride"], places, batch)


def _suits(weights: Shape, stride: Any, places: Shape, batch: int) -> bool:
    """Whether rows are quicker for these weights and (channels, places, batch)."""
    out, channels, *kernel = cast(tuple[int, ...], weights)
    if stride[-1] != 1 or kernel[-1] > WIDEST or prod(kernel) < TAPS:
        return False
    return out * channels <= CHANNELS and int(places[-2]) * batch >= ROW


def _full(attrs: Any, weights: Shape) -> dict[str, Any]:
    spatial = {key: attrs[key] for key in ("stride", "padding", "dilation")}
    return spatial_attrs(spatial, cast(tuple[int, ...], weights[2:]))


def _is_unpadded(attrs: Any, weights: Shape) -> bool:
    pairs = padding_pairs(_full(attrs, weights))
    return all(pair == (0, 0) for pair in pairs)


def _padded_before(
    tape: GraphTape, data: dict[str, Any], args: list[str], batch: int
) -> str | None:
    """conv(x, w, padding) = conv(pad(x), w), which its gradient by w reads, too."""
    x, weights = args
    shape, attrs = tape.shape(weights), data["attrs"]
    if not _fits(data["shape"], shape, attrs, batch) or _is_unpadded(attrs, shape):
        return None
    pairs = padding_pairs(_full(attrs, shape))
    wide = tape.gate("pad", x, widths=((0, 0), *pairs))
    return tape.gate("conv", wide, weights, **dict(attrs) | {"padding": 0})


def _turned(
    tape: GraphTape, data: dict[str, Any], args: list[str], batch: int
) -> str | None:
    """Write the gradient by x as a convolution of the padded gradient with w turned."""
    u, weights, _ = args
    shape, attrs = tape.shape(weights), data["attrs"]
    if not _fits(data["shape"], shape, attrs, batch):
        return None
    full = _full(attrs, shape)
    if any(step != 1 for step in full["stride"]):
        return None
    wide, kernel = turned(tape, u, weights, full)
    plain = {"stride": 1, "padding": 0, "dilation": full["dilation"], "groups": 1}
    return tape.gate("conv", wide, kernel, **plain)


# ---- operations ----


def direct_loops(program: Program) -> Program:
    """Make convolutions that are whole, and their gradients by w, calls of loops."""
    ops: list[Op] = []
    launches = list(program.launches)
    copies: dict[Operand, Value] = {}
    for op in program.ops:
        if op.kind == "conv":
            x, w = op.inputs
            rows, args = _rows(w.shape, op.options), (x, w)
            stem, text, in_one_piece = "convolve", convolution_text(rows), 1
        elif _is_gradient(op):
            u, cut = op.inputs
            assert isinstance(cut, View)
            rows, args = _rows(op.out.shape, cut.options), (cut.args[0], u)
            stem, text, in_one_piece = "convolve_dw", gradient_text(rows), 2
        else:
            ops.append(op)
            continue
        before, reads = _in_one_piece(op, args, in_one_piece, copies)
        options = {"kernel": len(launches)}
        call = replace(op, kind="loop", inputs=reads, options=options)
        launches.append(Launch(rows.name(stem), text, text, call, general=True))
        ops += [*before, call]
    return replace(program, ops=ops, launches=launches)


def _rows(weights: Sizes, attrs: Any) -> Rows:
    kernel = tuple(size.count for size in weights[2:])
    rank = len(kernel)
    stride, dilation = (_each(attrs[key], rank) for key in ("stride", "dilation"))
    return Rows(kernel, stride[0] if rank == 2 else 1, dilation)


def _is_gradient(op: Op) -> bool:
    """Whether an operation is Σ u windows(x), left whole."""
    if op.kind != "einsum" or len(op.inputs) != 2:
        return False
    cut = op.inputs[1]
    found = str(op.options["subscripts"]).partition(",")[0][:2] == "oh"
    return found and isinstance(cut, View) and cut.kind == "windows"


def _in_one_piece(
    op: Op,
    args: tuple[Operand, Operand],
    in_one_piece: int,
    copies: dict[Operand, Value],
) -> tuple[list[Op], tuple[Operand, ...]]:
    """Return a loop's arguments, after copies of what does not lie in one piece.

    Parameters
    ----------
    in_one_piece : int
        How many of its arguments must.
    copies : dict
        Those of inputs, which do not change during a step: each is copied once.
    """
    before: list[Op] = []
    reads: list[Operand] = []
    for position, arg in enumerate(args):
        if position < in_one_piece and not _lies_in_one_piece(arg):
            copy = copies.get(arg) or Value(arg.shape, Array(arg.shape))
            if arg not in copies:
                before.append(Op("copy", (arg,), (copy,), node=op.node))
            if isinstance(arg, Input):
                copies[arg] = copy
            arg = copy
        reads.append(arg)
    return before, tuple(reads)


def _lies_in_one_piece(operand: Operand) -> bool:
    """Whether it is an array of our own, and no rows that stand apart."""
    return isinstance(operand, Value) and not operand.array.spaced


def _each(value: Any, rank: int) -> tuple[int, ...]:
    numbers = (value,) if isinstance(value, int) else tuple(value)
    return numbers if len(numbers) == rank else numbers * rank
