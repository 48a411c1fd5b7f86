"""ONNX's operators that only move numbers: Reshape, Concat, Slice, Pad."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtutor.exports.onnx.operators.call import Call, Read
from gradtutor.exports.onnx.reader import OnnxError, Reader, Value
from gradtutor.gates import Shape, normal_axes
from gradtutor.messages import tr


def _reshape(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    given = [int(one) for one in to.known(call.args[1], "Reshape")]
    shape = to.shape(x)
    sizes = [shape[i] if one == 0 else one for i, one in enumerate(given)]
    if all(isinstance(one, int) for one in sizes):
        sizes = list(_one_unknown(shape, tuple(map(int, sizes))))
    return Value(_as(to, x, sizes))


def _as(to: Reader, x: str, sizes: list[Any]) -> str:
    """Append a reshape; N is written as -1, once."""
    new = tuple(-1 if isinstance(one, str) else int(one) for one in sizes)
    if new.count(-1) > 1:
        raise OnnxError(tr("Reshape to {new}: two sizes are not known", new=new))
    return to.gate("reshape", x, shape=new)


def _one_unknown(shape: Shape, new: tuple[int, ...]) -> tuple[int, ...]:
    """Write the examples' axis as -1 where the model was made for one example.

    Such a model has 1 in its place, and perhaps -1 for another axis.
    """
    if new[:1] == (1,) and "N" in shape and -1 in new[1:]:
        whole = math.prod(int(one) for one in shape if one != "N")
        rest = math.prod(one for one in new if one != -1)
        if whole == rest:  # what is not known is how many examples there are
            return new
        return (-1, *(whole // rest if one == -1 else one for one in new[1:]))
    return new


def _flatten(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    sizes = to.shape(x)
    axis = call.get("axis", 1)
    axis = axis + len(sizes) if axis < 0 else axis
    if axis < 1 and "N" in sizes:
        raise OnnxError(tr("Flatten of the examples is not here"))
    return Value(_as(to, x, [-1, math.prod(int(one) for one in sizes[axis:])]))


def _transpose(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    axes = call.get("perm") or tuple(range(len(to.shape(x))))[::-1]
    return Value(to.turned(x, axes))


def _concat(to: Reader, call: Call) -> Value:
    found, *rest = map(to.node, call.args)
    axis = normal_axes(call.get("axis"), len(to.shape(found)))[0]
    for other in rest:
        found = to.gate("concat", found, other, axis=axis)
    return Value(found)


def _gather(to: Reader, call: Call) -> Value:
    table, axis = to.node(call.args[0]), call.get("axis", 0)
    if call.args[1] in to.arrays and np.ndim(to.arrays[call.args[1]]) == 0:
        place = ((None, None, None),) * axis + (int(to.arrays[call.args[1]]),)
        return Value(to.gate("index", table, at=place))
    if axis:
        raise OnnxError(tr("Gather along another axis than the first is not here"))
    return Value(to.gate("gather", table, to.node(call.args[1])))


def _slice(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    rank, rest = len(to.shape(x)), [to.known(one, "Slice") for one in call.args[1:]]
    starts, ends = rest[0], rest[1]
    axes = rest[2] if len(rest) > 2 else range(len(starts))
    steps = rest[3] if len(rest) > 3 else [1] * len(starts)
    cuts: list[tuple[int, int | None, int]] = [(0, None, 1)] * rank
    for axis, *cut in zip(axes, starts, ends, steps, strict=True):
        size = to.shape(x)[int(axis) % rank]
        if not isinstance(size, int):
            raise OnnxError(tr("Slice along the examples is not here"))
        if int(cut[2]) < 0:
            raise OnnxError(tr("Slice backwards is not here"))
        cuts[int(axis) % rank] = slice(*map(int, cut)).indices(size)
    return Value(to.gate("slice", x, cuts=tuple(cuts)))


def _pad(to: Reader, call: Call) -> Value:
    if call.get("mode", "constant") != "constant":
        raise OnnxError(tr("Pad by {mode} is not here", mode=call.get("mode")))
    x = to.node(call.args[0])
    pads = to.known(call.args[1], "Pad") if call.arg(1) else call.get("pads")
    value = float(to.known(call.args[2], "Pad")) if call.arg(2) else 0.0
    rank = len(to.shape(x))
    axes = to.known(call.args[3], "Pad") if call.arg(3) else range(rank)
    widths = [(0, 0)] * rank
    for i, axis in enumerate(axes):
        widths[int(axis) % rank] = (int(pads[i]), int(pads[len(axes) + i]))
    return Value(to.gate("pad", x, widths=tuple(widths), value=value))


def _expand(to: Reader, call: Call) -> Value:
    """Read what gives a tensor another one's shape."""
    x, name = to.node(call.args[0]), call.args[1]
    if name not in to.shapes:
        raise OnnxError(tr("Expand to a shape that is no tensor's is not here"))
    like = to.node(to.shapes[name])
    missing = len(to.shape(like)) - len(to.shape(x))
    x = _as(to, x, [1] * missing + list(to.shape(x))) if missing else x
    return Value(to.gate("broadcast", x, like, axis=()))


def _squeeze(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    shape = to.shape(x)
    given = to.known(call.args[1], "Squeeze") if call.arg(1) else call.get("axes")
    ones = [i for i, one in enumerate(shape) if one == 1]
    axes = ones if given is None else [int(one) % len(shape) for one in given]
    return Value(_as(to, x, [s for i, s in enumerate(shape) if i not in axes]))


def _unsqueeze(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    given = to.known(call.args[1], "Unsqueeze") if call.arg(1) else call.get("axes")
    sizes = list(to.shape(x))
    rank = len(sizes) + len(given)
    for axis in sorted(int(one) % rank for one in given):
        sizes.insert(axis, 1)
    return Value(_as(to, x, sizes))


MOVES: dict[str, Read] = {
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Pad": _pad,
    "Expand": _expand,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
}
