"""Parts that are put side by side: made in their places, so that nothing is copied.

The slopes of an LSTM's four gates are the columns of one dz.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gradtutor.codegen.ir.operands import (
    Array,
    Formula,
    Operand,
    Option,
    Value,
    View,
)
from gradtutor.codegen.ir.ops import Op, array_of
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes

Places = dict[Array, View]


def side_by_side(program: Program) -> Program:
    """Let the parts of a ``concat`` be made where it would put them.

    Parameters
    ----------
    program : Program
        Its pointwise operations are fused, so that one may write into several places.
    """
    ops, places = list(program.ops), Places()
    kept = program.kept_arrays()
    for position in reversed(range(len(ops))):
        op = ops[position]
        if op.kind != "concat":
            continue
        inside, copies = _parts(program, ops, position, kept, places)
        places |= inside
        ops[position : position + 1] = copies
    return program.with_ops([_moved_op(op, places) for op in ops])


def _parts(
    program: Program,
    ops: list[Op],
    position: int,
    kept: set[Array],
    places: Places,
) -> tuple[Places, list[Op]]:
    """Return where parts are made, and copies of those that cannot be made there."""
    op = ops[position]
    axis = op.options["axis"]
    assert isinstance(axis, int)
    axis %= len(op.out.shape)
    inside, copies, start = Places(), list[Op](), 0
    for part in op.inputs:
        stop = start + part.shape[axis].count
        place = _cut(_moved(op.out, places), axis, start, stop, part.shape)
        if _is_free(program, ops, position, part, kept | inside.keys() | places.keys()):
            assert isinstance(part, Value)
            inside[part.array] = place
        else:
            copies.append(Op("copy", (part,), (place,), node=op.node))
        start = stop
    if not inside:
        return inside, [op]
    return inside, copies


def _is_free(
    program: Program, ops: list[Op], position: int, part: Operand, kept: set[Array]
) -> bool:
    """Whether a part has an array of its own that nothing looks at any more."""
    if not isinstance(part, Value) or part.shape != part.array.shape:
        return False
    array = part.array
    plain = array.filling is None and not array.external and array not in kept
    same = array.dtype == array_of(ops[position].out).dtype
    made = any(array in op.written for op in ops[:position])
    later = any(array in (*op.read, *op.written) for op in ops[position + 1 :])
    whole = all(
        arg.shape == array.shape
        for op in ops
        for arg in (*op.inputs, *op.outputs)
        if isinstance(arg, Value) and arg.array is array
    )
    return plain and same and made and whole and not later


def _cut(place: Operand, axis: int, start: int, stop: int, shape: Sizes) -> View:
    """Return a part of a place; a part of a part is one of the whole."""
    cuts: dict[int, Option] = {}
    first, whole = 0, place
    if isinstance(place, View) and place.kind == "slice":
        given = place.options["cuts"]
        assert isinstance(given, tuple)
        cuts, whole = dict(enumerate(given)), place.args[0]
        match cuts.get(axis):
            case (int(before), *_):
                first = before
    cuts[axis] = (first + start, first + stop, 1)
    every = tuple(cuts.get(i, (0, None, 1)) for i in range(len(shape)))
    return View("slice", (whole,), shape, (("cuts", every),))


# ---- operands in their new places ----


def _moved_op(op: Op, places: Mapping[Array, View]) -> Op:
    if places.keys().isdisjoint((*op.read, *op.written)):
        return op
    inputs = tuple(_moved(arg, places) for arg in op.inputs)
    outputs = tuple(_moved(out, places) for out in op.outputs)
    made = tuple(
        one.node for one in op.outputs if isinstance(one, Value) and one.array in places
    )
    inside = (*op.inside, *made)
    return replace(op, inputs=inputs, outputs=outputs, inside=inside)  # type: ignore[arg-type]


def _moved(operand: Operand, places: Mapping[Array, View]) -> Operand:
    """Return an operand that looks at the new place of what it looked at."""
    match operand:
        case Value(_, array) if array in places:
            return places[array]
        case View(kind, args, shape, settings):
            moved = tuple(_moved(arg, places) for arg in args)
            return View(kind, moved, shape, settings)
        case Formula(kind, args, settings):
            return Formula(kind, tuple(_moved(arg, places) for arg in args), settings)
    return operand
