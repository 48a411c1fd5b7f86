"""Parts that fill one array: written into their places, without zeros and a sum.

The gates of an LSTM are slices of one z, so dz is a sum of four parts, each padded with
zeros to dz's shape. They overlap nowhere.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from gradtutor.codegen.ir.calls import Call, Value
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.text.numpy_text import fill
from gradtutor.gates import Shape
from gradtutor.gates.structural.movement import full_widths

#: A copy into a part of an array; where types differ it is a function's.
COPY = re.compile(r"(?P<plain>out\[.+\]) = a|convert\(a, (?P<cast>out\[.+\])\)")


def parts_in_place(program: Program) -> None:
    """Write parts into the array that their padded sum was.

    Parameters
    ----------
    program : Program
        Every call in it writes an array of its own.
    """
    makers = {id(value.array): call for call in program.calls for value in call.outs}
    readers = _readers(program)
    left_out: set[int] = set()
    for call in reversed(program.calls):
        if call.ufunc != "add" or id(call) in left_out or call.out is None:
            continue
        adds, pads = _padded_terms(program, call, makers, readers)
        spans = _side_by_side(program, pads, call.out.shape)
        if not spans:
            continue
        whole = call.out.array
        if not _fill(spans, call.out.shape):  # the rest stays zero for good
            if id(whole) in program.kept_arrays():
                continue
            whole.filling = "0.0"
            program.constants.append(whole)
        left_out |= {id(one) for one in adds}
        for pad in pads:
            old = pad.out and pad.out.array
            program.constants = [one for one in program.constants if one is not old]
            pad.out = Value(call.out.shape, call.out.array, call.node)
    program.calls = [call for call in program.calls if id(call) not in left_out]


def _readers(program: Program) -> dict[int, list[Call]]:
    """Return the calls that read each array."""
    found: dict[int, list[Call]] = {}
    for call in program.calls:
        for name in {id(one) for arg in call.args for one in program.arrays_read(arg)}:
            found.setdefault(name, []).append(call)
    return found


def _padded_terms(
    program: Program,
    call: Call,
    makers: dict[int, Call],
    readers: dict[int, list[Call]],
) -> tuple[list[Call], list[Call]]:
    """Return the additions of a sum and its terms; none where not all are padded."""
    assert call.out is not None
    adds, pads, waiting = [call], list[Call](), list(call.args)
    kept, shape = program.kept_arrays(), call.out.shape
    while waiting:
        value = program.value_of(waiting.pop())
        maker = makers.get(id(value.array)) if value else None
        if maker is None or value is None or id(value.array) in kept:
            return [], []
        if (
            len(readers[id(value.array)]) > 1
            or not value.shape == value.array.shape == shape
        ):
            return [], []
        if maker.ufunc == "add":
            adds.append(maker)
            waiting += maker.args
        elif program.data(maker.node)["gate"] == "pad":
            pads.append(maker)
        else:
            return [], []
    return adds, pads


Span = tuple[int, int, int]  # axis, start, stop


def _side_by_side(
    program: Program, pads: Sequence[Call], shape: Shape
) -> list[Span] | None:
    """Return where padded parts lie, in order; None if they are not along one axis."""
    spans: list[Span] = []
    for pad in pads:
        attrs = program.data(pad.node)["attrs"]
        widths = full_widths(attrs["widths"], len(shape))
        padded = [axis for axis, width in enumerate(widths) if width != (0, 0, 0)]
        if len(padded) != 1 or attrs.get("value", 0.0) or widths[padded[0]][2]:
            return None
        before, after, _ = widths[padded[0]]
        spans.append((padded[0], before, int(shape[padded[0]]) - after))
    spans.sort()
    apart = all(one[2] <= other[1] for one, other in itertools.pairwise(spans))
    return spans if apart and len({axis for axis, *_ in spans}) == 1 else None


def _fill(spans: Sequence[Span], shape: Shape) -> bool:
    """Whether parts in order leave no gap."""
    starts, stops = [start for _, start, _ in spans], [stop for *_, stop in spans]
    return [*starts, shape[spans[0][0]]] == [0, *stops]


def written_in_place(program: Program) -> None:
    """Let a kernel write a part itself where all else was a copy of what it makes.

    Parameters
    ----------
    program : Program
        Its pointwise calls are launches of kernels.
    """
    loops = [call for call in program.calls if call.ufunc == "loop"]
    makers = {id(value.array): call for call in loops for value in call.outs}
    readers, kept = _readers(program), program.kept_arrays()
    for copy in program.calls:
        found = COPY.fullmatch(copy.template)
        part = program.value_of(copy.args[0]) if found else None
        if found is None or part is None or copy.out is None:
            continue
        maker = makers.get(id(part.array))
        own = part.array.external or id(part.array) in kept
        if maker is None or own or len(readers[id(part.array)]) > 1:
            continue
        made = next(one for one in maker.outs if one.array is part.array)
        if made.shape != part.shape or part.array.dtype != copy.out.array.dtype:
            continue
        place = found["plain"] or found["cast"]
        text = fill(place, {"out": program.text(copy.out)})
        into = Value(made.shape, copy.out.array, copy.node, text)
        outs = [into if one is made else one for one in maker.outs]
        maker.out, maker.others = outs[0], outs[1:]
        program.calls = [call for call in program.calls if call is not copy]
