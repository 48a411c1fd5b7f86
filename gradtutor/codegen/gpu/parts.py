"""Parts that fill one array: written into their places, without zeros and a sum.

The gates of an LSTM are slices of one z, so dz is a sum of four parts, each padded with
zeros to dz's shape. They overlap nowhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gradtutor.codegen.cpu.writers import pad_place
from gradtutor.codegen.ir.operands import Array, Operand, Value, View
from gradtutor.codegen.ir.ops import Op, array_of, makers_of, readers_of
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes
from gradtutor.gates.structural.movement import full_widths


def parts_in_place(program: Program) -> Program:
    """Write parts into the array that their padded sum was.

    Parameters
    ----------
    program : Program
        Every operation in it writes an array of its own.
    """
    makers, readers = makers_of(program.ops), readers_of(program.ops)
    changed: dict[Op, Op | None] = {}
    for op in reversed(program.ops):
        if op.kind != "add" or op in changed:
            continue
        adds, pads = _padded_terms(program, op, makers, readers)
        spans = _side_by_side(pads, op.out.shape)
        if not spans:
            continue
        whole = op.written[0]
        if not _fill(spans, op.out.shape):  # the rest stays zero for good
            if whole in program.kept_arrays():
                continue
            whole.filling = 0.0
            program.constants.append(whole)
        changed |= dict.fromkeys(adds)
        for pad in pads:
            program.constants.remove(pad.written[0])
            changed[pad] = replace(pad, outputs=op.outputs)
    kept = [changed.get(op, op) for op in program.ops]
    return program.with_ops([op for op in kept if op is not None])


def _padded_terms(
    program: Program,
    op: Op,
    makers: Mapping[Array, Op],
    readers: Mapping[Array, Sequence[Op]],
) -> tuple[list[Op], list[Op]]:
    """Return the additions of a sum and its terms; none where not all are padded."""
    adds, pads, waiting = [op], list[Op](), list(op.inputs)
    kept, shape = program.kept_arrays(), op.out.shape
    while waiting:
        value = waiting.pop()
        if not isinstance(value, Value) or value.array not in makers:
            return [], []
        maker = makers[value.array]
        alone = len(readers[value.array]) == 1 and value.array not in kept
        if not alone or not value.shape == value.array.shape == shape:
            return [], []
        if maker.kind == "add":
            adds.append(maker)
            waiting += maker.inputs
        elif maker.kind == "pad":
            pads.append(maker)
        else:
            return [], []
    return adds, pads


Span = tuple[int, int, int]  # axis, start, stop


def _side_by_side(pads: Sequence[Op], shape: Sizes) -> list[Span] | None:
    """Return where padded parts lie, in order; None if they are not along one axis."""
    spans: list[Span] = []
    for pad in pads:
        widths = full_widths(pad.options["widths"], len(shape))  # type: ignore[arg-type]
        padded = [axis for axis, width in enumerate(widths) if width != (0, 0, 0)]
        if len(padded) != 1 or pad.options.get("value", 0.0) or widths[padded[0]][2]:
            return None
        before, after, _ = widths[padded[0]]
        spans.append((padded[0], before, shape[padded[0]].count - after))
    spans.sort()
    apart = all(one[2] <= other[1] for one, other in itertools.pairwise(spans))
    return spans if apart and len({axis for axis, *_ in spans}) == 1 else None


def _fill(spans: Sequence[Span], shape: Sizes) -> bool:
    """Whether parts in order leave no gap."""
    starts, stops = [start for _, start, _ in spans], [stop for *_, stop in spans]
    return [*starts, shape[spans[0][0]].count] == [0, *stops]


# ---- once there are kernels ----


def written_in_place(program: Program) -> Program:
    """Let a kernel write a part itself where all else was a copy of what it makes.

    Parameters
    ----------
    program : Program
        Its pointwise operations are launches of kernels.
    """
    loops = [op for op in program.ops if op.kind == "loop"]
    makers, readers = makers_of(loops), readers_of(program.ops)
    kept, changed = program.kept_arrays(), dict[Op, Op | None]()
    for copy in program.ops:
        part = copy.inputs[0] if copy.kind in ("copy", "pad") else None
        if not isinstance(part, Value) or part.array in kept or part.array.external:
            continue
        if part.array not in makers or len(readers[part.array]) > 1:
            continue
        launch, into = makers[part.array], _place(copy)
        maker = changed.get(launch) or launch
        made = next(out for out in maker.outputs if array_of(out) is part.array)
        same_type = part.array.dtype == copy.written[0].dtype
        if made.shape == part.shape == into.shape and same_type:
            outs = tuple(into if out is made else out for out in maker.outputs)
            changed |= {launch: replace(maker, outputs=outs), copy: None}
    ops = [changed.get(op, op) for op in program.ops]
    return program.with_ops([op for op in ops if op is not None])


def _place(copy: Op) -> Value | View:
    """Return where a copy, or a padding, puts what it reads."""
    if copy.kind == "copy":
        return copy.out
    settings = (("cuts", pad_place(copy)),)
    target: Operand = copy.out
    return View("slice", (target,), copy.inputs[0].shape, settings)
