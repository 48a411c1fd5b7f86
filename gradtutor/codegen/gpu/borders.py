"""Zeros around an image that its windows bring along: no padded copy of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gradtutor.codegen.ir.operands import Array, Input, Option, Value, arrays_read
from gradtutor.codegen.ir.ops import Op, makers_of, readers_of
from gradtutor.codegen.ir.program import Program
from gradtutor.gates.structural.movement import full_widths

#: For each spatial axis, how many zeros lie before and after.
Pairs = tuple[tuple[int, int], ...]


def borders_in_windows(program: Program) -> Program:
    """Let windows of a padded image be cut from the image itself.

    A padded image that anything else reads, or whose border is not 0, stays.
    """
    makers, readers = makers_of(program.ops), readers_of(program.ops)
    kept = program.kept_arrays()
    dropped: dict[Array, Op] = {}
    for array, op in makers.items():
        found = op.kind == "pad" and array not in kept and _pairs(op) is not None
        if found and all(_may_do_without(one, array) for one in readers.get(array, [])):
            dropped[array] = op
    ops = [
        _without(op, dropped)
        for op in program.ops
        if not (op.kind == "pad" and op.written[0] in dropped)
    ]
    constants = [one for one in program.constants if one not in dropped]
    return replace(program, ops=ops, constants=constants)


def _may_do_without(op: Op, array: Array) -> bool:
    """Whether an operation copies windows of an array, or reads its shape alone."""
    if op.kind == "fold":
        return array not in arrays_read(op.inputs[0])
    first = op.inputs[0]
    whole = isinstance(first, Value) and first.array is array
    return op.kind == "copy_windows" and whole and first.shape == array.shape


def _without(op: Op, dropped: Mapping[Array, Op]) -> Op:
    """Return an operation that reads no padded image of these."""
    if not dropped.keys() & set(op.read):
        return op
    if op.kind == "copy_windows":
        return _with_border(op, dropped[op.read[0]])
    cut, like = op.inputs
    return replace(op, inputs=(cut, Input("X", like.shape, "shape")))  # never printed


def _pairs(op: Op) -> Pairs | None:
    """Return a padding of spatial axes with zeros; None where it is another."""
    rank = len(op.inputs[0].shape)
    widths = full_widths(op.options["widths"], rank)  # type: ignore[arg-type]
    channels, *inner = widths
    spatial, batch = inner[: rank - 2], inner[rank - 2 :]
    zeros = not op.options.get("value", 0.0)
    alone = not any(any(width) for width in (channels, *batch))
    close = all(between == 0 and min(a, b) >= 0 for a, b, between in spatial)
    return tuple((a, b) for a, b, _ in spatial) if zeros and alone and close else None


def _with_border(op: Op, pad: Op) -> Op:
    """Return a copy of windows that makes the border itself."""
    pairs: Option = _pairs(pad)
    options = {**op.options, "padding": pairs}
    inside = (*op.inside, pad.node)
    return replace(op, inputs=pad.inputs, options=options, inside=inside)
