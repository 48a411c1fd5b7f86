"""Gates as loops in C99; a gate that moves nothing is another view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradtutor.codegen.gpu.c_text import C99, c_text
from gradtutor.exports.c99.loops import Body, Operand, looped
from gradtutor.exports.c99.views import Sizes, View
from gradtutor.gates import normal_axes
from gradtutor.gates.structural.einsum import split_subscripts
from gradtutor.gates.structural.movement import full_widths
from gradtutor.gates.structural.windows import per_axis

Attributes = dict[str, Any]
Look = Callable[[View, Sequence[View], Sizes, Attributes], View]
Write = Callable[[View, Sequence[Operand], Attributes], list[str]]


# ---- views ----


def _transposed(x: View, _rest: object, shape: Sizes, attrs: Attributes) -> View:
    return x.turned(attrs.get("axes") or tuple(range(len(shape)))[::-1])


def _broadcast(x: View, _rest: object, shape: Sizes, attrs: Attributes) -> View:
    axis = attrs.get("axis") or ()
    axes = normal_axes(axis, len(shape)) if axis != () else ()
    return x.with_axes(axes).stretched(shape)


def _windows(x: View, _rest: object, shape: Sizes, attrs: Attributes) -> View:
    return x.windows(window_numbers(attrs), shape)


def window_numbers(attrs: Attributes) -> list[tuple[int, int, int]]:
    """Return kernel, stride and dilation of each axis."""
    rank = len(attrs["kernel"])
    names = ("kernel", "stride", "dilation")
    return list(zip(*(per_axis(n, attrs[n], rank) for n in names), strict=True))


def _flipped(x: View, _rest: object, shape: Sizes, attrs: Attributes) -> View:
    axis = attrs.get("axis")
    return x.flipped(
        normal_axes(tuple(range(len(shape))) if axis is None else axis, len(shape))
    )


#: Gates that are another look at their first argument.
LOOKS: dict[str, Look] = {
    "transpose": _transposed,
    "broadcast": _broadcast,
    "windows": _windows,
    "flip": _flipped,
    "slice": lambda x, _rest, _shape, attrs: x.cut(attrs["cuts"]),
}

# ---- loops ----


def pointwise(gate: str, out: View, args: Sequence[Operand]) -> list[str]:
    """Return the loop of a pointwise gate."""
    body = Body(out.shape)
    names = [body.read(arg, letter) for arg, letter in zip(args, "abc", strict=False)]
    body.lines.append(f"{out.place(body.indices)} = {c_text(gate, names, C99)};")
    return looped(body)


def _einsum(out: View, args: Sequence[Operand], attrs: Attributes) -> list[str]:
    parts, result = split_subscripts(attrs["subscripts"])
    return contracted(out, args, list(parts), result)


def contracted(
    out: View, args: Sequence[Operand], parts: Sequence[str], result: str
) -> list[str]:
    """Return the loops of a sum of products over letters, added up in double."""
    letters = list(dict.fromkeys([*result, *"".join(parts)]))
    sizes: dict[str, int] = {}
    for arg, part in zip(args, parts, strict=True):
        sizes |= dict(zip(part, arg.shape, strict=True))
    body = Body(tuple(sizes[one] for one in letters))
    index = dict(zip(letters, body.indices, strict=True))
    factors = [
        arg.place([index[one] for one in part])
        for arg, part in zip(args, parts, strict=True)
    ]
    body.summed = len(letters) - len(result)
    first = factors[0] if body.summed == 0 else f"(double){factors[0]}"
    product = " * ".join([first, *factors[1:]])
    body.total(out.place([index[one] for one in result]), product)
    return looped(body)


def _matmul(out: View, args: Sequence[Operand], _attrs: Attributes) -> list[str]:
    left, right = (len(arg.shape) for arg in args)
    parts = ["ik"[2 - left :], "kj"[:right]]
    return contracted(out, args, parts, "i" * (left == 2) + "j" * (right == 2))


def _outer(out: View, args: Sequence[Operand], _attrs: Attributes) -> list[str]:
    return contracted(out, args, ["i", "j"], "ij")


def _reduced(kind: str) -> Write:
    def write(out: View, args: Sequence[Operand], attrs: Attributes) -> list[str]:
        x = args[0]
        rank, axis = len(x.shape), attrs.get("axis")
        axes = normal_axes(tuple(range(rank)) if axis is None else axis, rank)
        kept = [one for one in range(rank) if one not in axes]
        order = [*kept, *axes]
        body = Body(tuple(x.shape[one] for one in order), summed=len(axes))
        index = dict(zip(order, body.indices, strict=True))
        value = x.place([index[one] for one in range(rank)])
        places = [index[one] for one in kept]
        if attrs.get("keepdims"):
            places = [index[one] if one in kept else "0" for one in range(rank)]
        body.reduce(kind, out.place(places), value)
        return looped(body)

    return write


def _pad(out: View, args: Sequence[Operand], attrs: Attributes) -> list[str]:
    x = args[0]
    fill = Body(out.shape)
    value = c_text("add", [repr(float(attrs.get("value", 0.0))), "0"], C99)
    fill.lines.append(f"{out.place(fill.indices)} = {value.removesuffix(' + 0')};")
    return [*looped(fill), *looped(_into(out, x, attrs))]


def _into(out: View, x: Operand, attrs: Attributes) -> Body:
    """Return the loop that copies into the middle of a padded array."""
    widths = [(*one, 0)[:3] for one in full_widths(attrs["widths"], len(x.shape))]
    body = Body(x.shape)
    strides = tuple(
        stride * (between + 1)
        for stride, (_, _, between) in zip(out.strides, widths, strict=True)
    )
    start = sum(s * one[0] for s, one in zip(out.strides, widths, strict=True))
    middle = View(out.array, x.shape, strides, out.offset + start)
    body.lines.append(f"{middle.place(body.indices)} = {x.place(body.indices)};")
    return body


def _concat(out: View, args: Sequence[Operand], attrs: Attributes) -> list[str]:
    axis = normal_axes(attrs["axis"], len(out.shape))[0]
    lines, start = [], 0
    for arg in args:
        cuts = [(0, None, 1)] * axis + [(start, start + arg.shape[axis], 1)]
        part, body = out.cut(cuts), Body(arg.shape)
        body.lines.append(f"{part.place(body.indices)} = {arg.place(body.indices)};")
        lines += looped(body)
        start += arg.shape[axis]
    return lines


def _gather(out: View, args: Sequence[Operand], _attrs: Attributes) -> list[str]:
    table, index = args
    rank, body = len(index.shape), Body(out.shape)
    row = f"(int){index.place(body.indices[:rank])}"
    places = [f"({row})", *body.indices[rank:]]
    body.lines.append(f"{out.place(body.indices)} = {table.place(places)};")
    return looped(body)


def _scatter_add(out: View, args: Sequence[Operand], _attrs: Attributes) -> list[str]:
    u, index, _ = args
    rank, body = len(index.shape), Body(u.shape)
    row = f"((int){index.place(body.indices[:rank])})"
    to = out.place([row, *body.indices[rank:]])
    body.lines.append(f"{to} += {u.place(body.indices)};")
    return [*_zeros(out), *looped(body)]


def _zeros(out: View) -> list[str]:
    body = Body(out.shape)
    body.lines.append(f"{out.place(body.indices)} = 0;")
    return looped(body)


def _one_hot(out: View, args: Sequence[Operand], _attrs: Attributes) -> list[str]:
    body = Body(out.shape)
    *rows, column = body.indices
    label = args[0].place(rows)
    body.lines.append(f"{out.place(body.indices)} = (int){label} == {column};")
    return looped(body)


def _cumsum(out: View, args: Sequence[Operand], attrs: Attributes) -> list[str]:
    axis = normal_axes(attrs["axis"], len(out.shape))[0]
    body = Body(out.shape)
    before = list(body.indices)
    before[axis] = f"({before[axis]} - 1)"
    last = f"({body.indices[axis]} ? {out.place(before)} : 0)"
    value = args[0].place(body.indices)
    body.lines.append(f"{out.place(body.indices)} = {value} + {last};")
    return looped(body)


def _first_winner(out: View, args: Sequence[Operand], attrs: Attributes) -> list[str]:
    """Look for the largest, then write 1 at the first of them and 0 elsewhere."""
    rank, axis = len(out.shape), attrs["axis"]
    axes = normal_axes(tuple(range(rank)) if axis is None else axis, rank)
    order = [*(one for one in range(rank) if one not in axes), *axes]
    body = Body(tuple(out.shape[one] for one in order), summed=len(axes))
    index = dict(zip(order, body.indices, strict=True))
    places = [index[one] for one in range(rank)]
    body.winner(out.place(places), args[0].place(places))
    return looped(body)


def _fold(out: View, args: Sequence[Operand], attrs: Attributes) -> list[str]:
    cut = args[0]
    onto = out.windows(window_numbers(attrs), cut.shape)
    body = Body(cut.shape)
    body.lines.append(f"{onto.place(body.indices)} += {cut.place(body.indices)};")
    return [*_zeros(out), *looped(body)]


#: What writes each gate that makes numbers.
LOOPS: dict[str, Write] = {
    "einsum": _einsum,
    "matmul": _matmul,
    "outer": _outer,
    "sum": _reduced("sum"),
    "mean": _reduced("mean"),
    "amax": _reduced("max"),
    "maximum_over": _reduced("max"),
    "amin": _reduced("min"),
    "pad": _pad,
    "concat": _concat,
    "gather": _gather,
    "scatter_add": _scatter_add,
    "one_hot": _one_hot,
    "cumsum": _cumsum,
    "first_winner": _first_winner,
    "fold": _fold,
}
