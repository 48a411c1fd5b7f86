"""Gates of tensors as ONNX operators: products, sums, and moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtutor.exports.onnx.writer import Writer
from gradtutor.gates import Shape, normal_axes
from gradtutor.gates.structural.movement import full_widths

#: The largest number of ONNX's slices: to the end.
END = 2**62


@dataclass(frozen=True)
class Use:
    """A gate in a graph: its arguments, with their shapes, its shape, its settings."""

    args: tuple[str, ...]
    shapes: tuple[Shape, ...]
    shape: Shape
    attrs: dict[str, Any]

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of a reduction of the first argument."""
        axis = self.attrs.get("axis")
        rank = len(self.shapes[0])
        return normal_axes(tuple(range(rank)) if axis is None else axis, rank)


Write = Callable[[Writer, Use], str]


def _sizes(shape: Shape) -> tuple[int, ...]:
    """Return a shape for Reshape: -1 for the one size that is not known."""
    return tuple(size if isinstance(size, int) else -1 for size in shape)


# ---- reductions ----


def _reduced(kind: str) -> Write:
    def write(to: Writer, use: Use) -> str:
        if not use.axes:
            return to.op("Identity", use.args[0])
        keep = int(bool(use.attrs.get("keepdims")))
        return to.op(kind, use.args[0], to.whole(*use.axes), keepdims=keep)

    return write


def _log_sum_exp(to: Writer, use: Use) -> str:
    """Append the logarithm of a sum, the largest taken out."""
    x, axes = use.args[0], to.whole(*use.axes)
    top = to.op("ReduceMax", x, axes, keepdims=1)
    raised = to.op("Exp", to.op("Sub", x, top))
    found = to.op("Add", to.op("Log", to.op("ReduceSum", raised, axes)), top)
    if use.attrs.get("keepdims"):
        return found
    return to.op("Squeeze", found, axes)


def _variance(to: Writer, use: Use) -> str:
    x, axes = use.args[0], to.whole(*use.axes)
    away = to.op("Sub", x, to.op("ReduceMean", x, axes, keepdims=1))
    keep = int(bool(use.attrs.get("keepdims")))
    return to.op("ReduceMean", to.op("Mul", away, away), axes, keepdims=keep)


def _standardize(to: Writer, use: Use) -> str:
    x, axes = use.args[0], to.whole(*use.axes)
    away = to.op("Sub", x, to.op("ReduceMean", x, axes, keepdims=1))
    spread = to.op("ReduceMean", to.op("Mul", away, away), axes, keepdims=1)
    wide = to.op("Add", spread, to.number(use.attrs.get("eps", 1e-5)))
    return to.op("Div", away, to.op("Sqrt", wide))


def _softmax(to: Writer, use: Use) -> str:
    axes = to.whole(*use.axes)
    raised = to.op(
        "Exp",
        to.op("Sub", use.args[0], to.op("ReduceMax", use.args[0], axes, keepdims=1)),
    )
    return to.op("Div", raised, to.op("ReduceSum", raised, axes, keepdims=1))


def _cumsum(to: Writer, use: Use) -> str:
    return to.op("CumSum", use.args[0], to.constant(np.int64(use.axes[0])))


def _first_winner(to: Writer, use: Use) -> str:
    """Append 1 at the first of the largest over axes that follow each other, else 0."""
    axes, shape = sorted(use.axes), use.shapes[0]
    count = int(np.prod([int(shape[axis]) for axis in axes]))
    before, after = shape[: axes[0]], shape[axes[-1] + 1 :]
    flat = to.op("Reshape", use.args[0], to.whole(*_sizes((*before, count, *after))))
    best = to.op("ArgMax", flat, axis=len(before), keepdims=1)
    places = np.arange(count).reshape(-1, *[1] * len(after))
    won = to.as_float(to.op("Equal", best, to.constant(places)))
    return to.op("Reshape", won, to.whole(*_sizes(shape)))


def _size(to: Writer, use: Use) -> str:
    counts = to.op("Shape", use.args[0])
    if use.attrs.get("axis") is not None:
        counts = to.op("Gather", counts, to.whole(*use.axes))
    total = to.op("ReduceProd", counts, keepdims=0)
    return to.as_float(total)


# ---- products ----


def _matmul(to: Writer, use: Use) -> str:
    """Append a product; a vector is a row or a column of a matrix.

    onnxruntime 1.32 joins a transposed matrix and a vector wrongly: it never sees one.
    """
    a, b = use.args
    row, column = (len(shape) == 1 for shape in use.shapes)
    a = to.op("Unsqueeze", a, to.whole(0)) if row else a
    b = to.op("Unsqueeze", b, to.whole(1)) if column else b
    made = to.op("MatMul", a, b)
    if not (row or column):
        return made
    return to.op("Squeeze", made, to.whole(*[-2] * row, *[-1] * column))


def _outer(to: Writer, use: Use) -> str:
    column = to.op("Reshape", use.args[0], to.whole(-1, 1))
    return to.op("Mul", column, use.args[1])


def _einsum(to: Writer, use: Use) -> str:
    return to.op("Einsum", *use.args, equation=use.attrs["subscripts"])


# ---- moves ----


def _reshape(to: Writer, use: Use) -> str:
    return to.op("Reshape", use.args[0], to.whole(*_sizes(use.shape)))


def _transpose(to: Writer, use: Use) -> str:
    axes = use.attrs.get("axes") or tuple(range(len(use.shape)))[::-1]
    return to.op("Transpose", use.args[0], perm=list(axes))


def _broadcast(to: Writer, use: Use) -> str:
    x, like = use.args
    axis = use.attrs.get("axis") or ()
    axes = normal_axes(axis, len(use.shape)) if axis != () else ()
    if axes:
        x = to.op("Unsqueeze", x, to.whole(*axes))
    return to.op("Expand", x, to.op("Shape", like))


def _slice(to: Writer, use: Use) -> str:
    cuts = [
        (axis, start or 0, END if stop is None else stop, step)
        for axis, (start, stop, step) in enumerate(use.attrs["cuts"])
        if (start, stop, step) != (0, None, 1)
    ]
    if not cuts:
        return to.op("Identity", use.args[0])
    axes, starts, stops, steps = (to.whole(*one) for one in zip(*cuts, strict=True))
    return to.op("Slice", use.args[0], starts, stops, axes, steps)


def _flip(to: Writer, use: Use) -> str:
    count = len(use.axes)
    given = ([-1] * count, [-END] * count, list(use.axes), [-1] * count)
    return to.op("Slice", use.args[0], *(to.whole(*one) for one in given))


def _pad(to: Writer, use: Use) -> str:
    """Pad with a number, and between the rows of a strided gradient with zeros."""
    x = use.args[0]
    given = full_widths(use.attrs["widths"], len(use.shape))
    widths = [(*one, 0)[:3] for one in given]
    for axis, (_, _, between) in enumerate(widths):
        if between:
            x = _spread(to, x, axis, int(use.shapes[0][axis]), between)
    pads = [one[0] for one in widths] + [one[1] for one in widths]
    value = to.number(use.attrs.get("value", 0.0))
    return to.op("Pad", x, to.whole(*pads), value)


def _spread(to: Writer, x: str, axis: int, size: int, between: int) -> str:
    """Put zeros between the entries along an axis."""
    wide = to.op("Unsqueeze", x, to.whole(axis + 1))
    shape = to.op("Shape", wide)
    rank = to.op("Shape", shape)
    pads = to.op("Expand", to.whole(0), to.op("Mul", rank, to.whole(2)))
    places = to.op("Add", rank, to.whole(axis + 1))
    pads = to.op("ScatterElements", pads, places, to.whole(between))
    wide = to.op("Pad", wide, pads, to.number(0.0))
    before = to.op("Slice", to.op("Shape", x), to.whole(0), to.whole(axis))
    after = to.op("Slice", to.op("Shape", x), to.whole(axis + 1), to.whole(END))
    joined = to.op("Concat", before, to.whole(size * (between + 1)), after, axis=0)
    merged = to.op("Reshape", wide, joined)
    stop = (size - 1) * (between + 1) + 1
    return to.op("Slice", merged, to.whole(0), to.whole(stop), to.whole(axis))


def _concat(to: Writer, use: Use) -> str:
    return to.op("Concat", *use.args, axis=use.attrs["axis"])


def _gather(to: Writer, use: Use) -> str:
    return to.op("Gather", use.args[0], to.as_whole(use.args[1]), axis=0)


def _scatter_add(to: Writer, use: Use) -> str:
    u, index, table = use.args
    zeros = to.op("Mul", table, to.number(0.0))
    index = to.op("Unsqueeze", to.as_whole(index), to.whole(-1))
    return to.op("ScatterND", zeros, index, u, reduction="add")


def _one_hot(to: Writer, use: Use) -> str:
    labels = to.op("Unsqueeze", to.as_whole(use.args[0]), to.whole(-1))
    return to.as_float(
        to.op("Equal", labels, to.constant(np.arange(int(use.shape[-1]))))
    )


#: What writes each gate of tensors.
TENSORS: dict[str, Write] = {
    "matmul": _matmul,
    "outer": _outer,
    "einsum": _einsum,
    "sum": _reduced("ReduceSum"),
    "mean": _reduced("ReduceMean"),
    "amax": _reduced("ReduceMax"),
    "amin": _reduced("ReduceMin"),
    "maximum_over": _reduced("ReduceMax"),
    "logsumexp": _log_sum_exp,
    "variance": _variance,
    "standardize": _standardize,
    "softmax": _softmax,
    "cumsum": _cumsum,
    "first_winner": _first_winner,
    "size": _size,
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast": _broadcast,
    "slice": _slice,
    "flip": _flip,
    "pad": _pad,
    "concat": _concat,
    "gather": _gather,
    "scatter_add": _scatter_add,
    "one_hot": _one_hot,
}
