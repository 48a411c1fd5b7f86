"""Sums, means and extremes over axes, and the broadcast that is their adjoint."""

from __future__ import annotations

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import (
    broadcast_shapes,
    normal_axes,
    reduced_shape,
    same_shape,
    scalar_shape,
    show_shape,
)
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]


def axis_text(attrs: Attributes) -> str:
    """Write the reduction's keyword arguments as NumPy text."""
    axis, keepdims = attrs.get("axis"), attrs.get("keepdims")
    if isinstance(axis, tuple) and len(axis) == 1:
        (axis,) = axis
    parts = [] if axis is None else [f"axis={axis}"]
    return ", ".join(parts + ["keepdims=True"] * bool(keepdims))


def spread(tape: Tape, call: Call, u: str) -> str:
    """Copy a reduction's upstream gradient back over the axes it summed."""
    (x,) = call.args
    if not tape.shape(x):
        return u
    axes = normal_axes(call.attrs.get("axis"), len(tape.shape(x)))
    axis = () if call.attrs.get("keepdims") else axes
    return tape.gate("broadcast", u, x, axis=axis)


def _sum_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    return (spread(tape, call, u),)


def _mean_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    count = tape.gate("size", call.args[0], axis=call.attrs.get("axis"))
    return (spread(tape, call, tape.gate("div", u, count)),)


def _extreme_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Give the gradient to the winners, split evenly, as torch.amax does."""
    (x,) = call.args
    won = tape.gate("equal", x, spread(tape, call, call.out))
    axis = call.attrs.get("axis")
    ties = tape.gate("sum", won, axis=axis, keepdims=bool(call.attrs.get("keepdims")))
    share = spread(tape, call, tape.gate("div", u, ties))
    return (tape.gate("where", won, share, tape.number(0.0)),)


def _broadcast_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Sum the gradient over what was copied; argument 2 only lends its shape."""
    x, like = map(tape.shape, call.args)
    before, new = _expanded(x, like, call.attrs)
    copied = tuple(
        i
        for i, (one, all_) in enumerate(zip(before, like, strict=True))
        if one == 1 and all_ != 1 and i not in new
    )
    if copied:
        u = tape.gate("sum", u, axis=copied, keepdims=True)
    if new:
        u = tape.gate("sum", u, axis=new)
    return u, None


def _expanded(
    x: Shape, like: Shape, attrs: Attributes
) -> tuple[Shape, tuple[int, ...]]:
    """Return x's shape with 1 at the axes it gains, and those axes.

    They are the ones named, or else the leading ones that NumPy's broadcasting adds.
    """
    new = normal_axes(attrs["axis"] or (), len(like)) or tuple(
        range(len(like) - len(x))
    )
    kept = iter(x)
    return tuple(1 if i in new else next(kept, 0) for i in range(len(like))), new


def _broadcast_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    x, like = shapes
    before, new = _expanded(x, like, attrs)
    if len(x) + len(new) != len(like) or broadcast_shapes(before, like) != like:
        raise ShapeMismatchError(
            tr(
                "a tensor {x} does not fill the shape {like}",
                x=show_shape(x),
                like=show_shape(like),
            )
        )
    return like


def no_adjoint(_tape: Tape, call: Call, _u: str) -> Gradients:
    """Pass no gradient to any argument."""
    return (None,) * len(call.args)


def _cumsum_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Give each element the sum of the gradients from its place on."""
    axis = call.attrs["axis"]
    turned = tape.gate("cumsum", tape.gate("flip", u, axis=axis), axis=axis)
    return (tape.gate("flip", turned, axis=axis),)


def _broadcast_text(attrs: Attributes) -> str:
    if not attrs["axis"]:
        return "np.broadcast_to(a, b.shape)"
    return f"np.broadcast_to(np.expand_dims(a, {attrs['axis']}), b.shape)"


def _size_text(attrs: Attributes) -> str:
    axis = attrs.get("axis")
    if axis == 0:
        return "len(a)"
    return "a.size" if axis is None else f"size(a, {axis})"


REDUCTIONS = (
    Structural(
        "sum",
        reduced_shape,
        lambda attrs: f"a.sum({axis_text(attrs)})",
        _sum_adjoint,
        sign="Σ",
        keywords={"axis": None, "keepdims": False},
        role="distributes the gradient to every element",
    ),
    Structural(
        "mean",
        reduced_shape,
        lambda attrs: f"a.mean({axis_text(attrs)})",
        _mean_adjoint,
        sign="mean",
        keywords={"axis": None, "keepdims": False},
        role="distributes the gradient, divided by the count",
    ),
    *(
        Structural(
            name,
            reduced_shape,
            lambda attrs, call=name[1:]: f"a.{call}({axis_text(attrs)})",  # type: ignore[misc]
            _extreme_adjoint,
            sign=name[1:],
            keywords={"axis": None, "keepdims": False},
            role="routes the gradient to the winner",
            routes=True,
        )
        for name in ("amax", "amin")
    ),
    Structural(
        "cumsum",
        same_shape,
        lambda attrs: f"np.cumsum(a, axis={attrs['axis']})",
        _cumsum_adjoint,
        sign="Σ↗",
        keywords={"axis": -1},
        role="sums the gradient from the other end",
    ),
    Structural(
        "broadcast",
        _broadcast_shape,
        _broadcast_text,
        _broadcast_adjoint,
        sign="copy",
        arity=(2, 2),
        keywords={"axis": ()},
        role="copies; backward it sums",
    ),
    Structural(
        "size",
        scalar_shape,
        _size_text,
        no_adjoint,
        sign="size",
        keywords={"axis": None},
        role="counts elements; passes no gradient",
    ),
)
