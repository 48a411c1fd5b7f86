"""Convolutions by shifted rows, compiled: no matrix of windows.

With the batch last, a row of a result holds all places and examples, and a tap of the
kernel is a row of x, shifted: out[o, h] = Σ w[o, c, i, j] · x[c, h + i, j·N:]. All taps
stand in one expression, so that a sum is read and written once for nine products.
`direct_passes` leaves such convolutions whole; here they and their gradients become
calls of a loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradtutor.codegen.cpu.direct_text import Rows, convolution_text, gradient_text
from gradtutor.codegen.cpu.writers import pad_place, windows_of
from gradtutor.codegen.ir.launches import Launch
from gradtutor.codegen.ir.operands import Array, Input, Operand, Value, View
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes, product


def direct_loops(program: Program) -> Program:
    """Make convolutions that are whole, and their gradients by w, calls of loops."""
    ops: list[Op] = []
    launches = list(program.launches)
    copies: dict[Operand, Value] = {}
    borders = {op.written[0]: _border(op) for op in program.ops if op.kind == "pad"}
    for op in _without_grouped_windows(program.ops):
        if op.kind == "conv":
            x, w = op.inputs
            groups = op.options["groups"]
            rows, args = _rows(w.shape, op.options, groups), (x, w)
            stem, write, in_one_piece = "convolve", convolution_text, 1
        elif _is_gradient(op):
            u, cut = op.inputs
            assert isinstance(cut, View)
            groups = op.options.get("groups", 1)
            rows, args = _rows(op.out.shape, cut.options, groups), (cut.args[0], u)
            stem, write, in_one_piece = "convolve_dw", gradient_text, 2
        else:
            ops.append(op)
            continue
        rows = replace(rows, border=_border_of(args[0], borders))
        text = write(rows)
        before, reads = _in_one_piece(op, args, in_one_piece, copies)
        options = {"kernel": len(launches)}
        call = replace(op, kind="loop", inputs=reads, options=options)
        launches.append(Launch(rows.name(stem), text, text, call, general=True))
        ops += [*before, call]
    return replace(program, ops=ops, launches=launches)


def _border(pad: Op) -> tuple[int, int]:
    """Return how many rows of zeros a padded image has at its top and bottom."""
    if pad.options.get("value", 0.0):
        return 0, 0
    top, last, _ = pad_place(pad)[1]
    return top, 0 if last is None else pad.out.shape[1].count - last


def _border_of(x: Operand, borders: Mapping[Array, tuple[int, int]]) -> tuple[int, int]:
    whole = isinstance(x, Value) and x.shape == x.array.shape
    return borders.get(x.array, (0, 0)) if whole and isinstance(x, Value) else (0, 0)


def _without_grouped_windows(ops: Sequence[Op]) -> list[Op]:
    """Let Σ u windows(x) in groups read x's windows, and drop their copy in groups."""
    copied = {op.written[0]: op for op in ops if op.kind == "copy_windows"}
    found = [_ungrouped(op, copied) for op in ops]
    read = {array for op in found for array in op.read}
    return [op for op in found if op.kind != "copy_windows" or op.written[0] in read]


def _ungrouped(op: Op, copied: Mapping[Array, Op]) -> Op:
    """Return Σ u windows(x) in groups with u and its result as they are without."""
    if op.kind != "einsum" or not str(op.options["subscripts"]).startswith("goh"):
        return op
    u, cut = op.inputs
    source = copied.get(cut.array) if isinstance(cut, Value) else None
    if source is None or not isinstance(op.out, Value):
        return op
    groups = op.out.shape[0].count
    windows, shape = windows_of(source), _joined(op.out.shape)
    reads = _reshaped(u, _joined(u.shape))
    options = {"subscripts": str(op.options["subscripts"]).replace("g", "")}
    outputs = (replace(op.out, shape=shape),)
    options |= {"groups": groups}  # type: ignore[dict-item]
    return replace(op, inputs=(reads, windows), outputs=outputs, options=options)


def _reshaped(operand: Operand, shape: Sizes) -> Operand:
    """Return an operand in another shape; nothing moves."""
    while isinstance(operand, View) and operand.kind == "reshape":
        operand = operand.args[0]
    if isinstance(operand, Value):
        return replace(operand, shape=shape)
    if operand.shape == shape:
        return operand
    sizes = tuple(size.count if size.fixed else -1 for size in shape)
    return View("reshape", (operand,), shape, (("shape", sizes),))


def _joined(shape: Sizes) -> Sizes:
    """Return a shape whose first two axes are one."""
    return (product(shape[:2]), *shape[2:])


def _rows(weights: Sizes, attrs: Any, groups: Any = 1) -> Rows:
    kernel = tuple(size.count for size in weights[2:])
    rank = len(kernel)
    stride, dilation = (_each(attrs[key], rank) for key in ("stride", "dilation"))
    return Rows(kernel, stride[0] if rank == 2 else 1, dilation, groups)


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
