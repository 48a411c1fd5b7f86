"""Sliding windows, the fold that is their adjoint, and the maximum with one winner.

Tensors have their channels first and, if they have a batch, the batch last:
(C, L), (C, L, N), (C, H, W) or (C, H, W, N). ``kernel``, ``stride`` and ``dilation``
have one number per spatial axis, so their length says whether it is 1-D or 2-D.
"""

from __future__ import annotations

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Dimension,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import normal_axes, reduced_shape, show_shape
from gradtutor.gates.structural.reductions import axis_text, no_adjoint, spread
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]
WINDOW = {"kernel": (1,), "stride": 1, "dilation": 1}


def window_count(size: Dimension, kernel: int, stride: int, dilation: int) -> int:
    """Return how many windows fit: (size - dilation (kernel - 1) - 1) / stride + 1.

    Raises
    ------
    ShapeMismatchError
        When not even one does.
    """
    reach = dilation * (kernel - 1) + 1
    if not isinstance(size, int):
        raise ShapeMismatchError(tr("windows need a known size, not {size}", size=size))
    if min(kernel, stride, dilation) < 1:
        raise ShapeMismatchError(tr("kernel, stride and dilation are at least 1"))
    if reach > size:
        spread_out = tr(" (dilated to {reach})", reach=reach) if reach != kernel else ""
        raise ShapeMismatchError(
            tr(
                "a kernel of {kernel}{spread_out} is larger than its input of {size}",
                kernel=kernel,
                spread_out=spread_out,
                size=size,
            )
        )
    return (size - reach) // stride + 1


def per_axis(name: str, value: object, rank: int) -> tuple[int, ...]:
    """Return one number for each spatial axis; one number alone is for all of them.

    Raises
    ------
    ShapeMismatchError
        When there are more or fewer than there are axes, or not 1 or 2 axes.
    """
    if rank not in (1, 2):
        raise ShapeMismatchError(
            tr("{name} {value}: windows are 1-D or 2-D", name=name, value=value)
        )
    full = (value,) * rank if isinstance(value, int) else value
    if isinstance(full, tuple) and len(full) == rank:
        numbers = tuple(one for one in full if isinstance(one, int))
        if len(numbers) == rank:
            return numbers
    raise ShapeMismatchError(
        tr("{name} {value} needs {rank} number(s)", name=name, value=value, rank=rank)
    )


def _numbers(attrs: Attributes) -> list[tuple[int, int, int]]:
    """Return (kernel, stride, dilation) for each spatial axis."""
    rank = len(attrs["kernel"])
    kernel, stride, dilation = (per_axis(name, attrs[name], rank) for name in WINDOW)
    return list(zip(kernel, stride, dilation, strict=True))


def _windows_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    """(C, H, W, N) gives (C, kh, kw, H', W', N)."""
    (shape,), rank, numbers = shapes, len(attrs["kernel"]), _numbers(attrs)
    if not rank + 1 <= len(shape) <= rank + 2:
        wanted = "(C, L, N)" if rank == 1 else "(C, H, W, N)"
        raise ShapeMismatchError(
            tr(
                "windows take {wanted}, not {shape}",
                wanted=wanted,
                shape=show_shape(shape),
            )
        )
    counts = [
        window_count(size, *each)
        for size, each in zip(shape[1:], numbers, strict=False)
    ]
    return (shape[0], *attrs["kernel"], *counts, *shape[1 + rank :])


def _windows_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Add every window's gradient back where the window was cut."""
    return (tape.gate("fold", u, call.args[0], **call.attrs),)


def _fold_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    cut, like = shapes
    if _windows_shape((like,), attrs) != cut:
        raise ShapeMismatchError(
            tr(
                "{cut} are not the windows of {like}",
                cut=show_shape(cut),
                like=show_shape(like),
            )
        )
    return like


def _fold_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    return tape.gate("windows", u, **call.attrs), None


def window_text(attrs: Attributes) -> str:
    """Write the keyword arguments: the kernel, and what is not 1."""
    kernel = tuple(attrs["kernel"])
    parts = [str(kernel)]
    for name in ("stride", "dilation"):
        numbers = per_axis(name, attrs[name], len(kernel))
        if any(number != 1 for number in numbers):
            parts.append(f"{name}={numbers}")
    return ", ".join(parts)


# ---- the maximum that has one winner ----


def _maximum_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Send the gradient to the first of the largest, as max pooling does everywhere."""
    axis = call.attrs["axis"]
    won = tape.gate("first_winner", call.args[0], axis=axis)
    return (tape.gate("mul", spread(tape, call, u), won),)


def _winner_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    normal_axes(attrs["axis"], len(shapes[0]))
    return shapes[0]


WINDOWS = (
    Structural(
        "windows",
        _windows_shape,
        lambda attrs: f"windows(a, {window_text(attrs)})",
        _windows_adjoint,
        sign="windows",
        keywords=WINDOW,
        role="adds each window's gradient where it was cut",
        aliases=("im2col", "unfold"),
    ),
    Structural(
        "fold",
        _fold_shape,
        lambda attrs: f"fold(a, {window_text(attrs)}, shape=b.shape)",
        _fold_adjoint,
        sign="fold",
        arity=(2, 2),
        keywords=WINDOW,
        role="cuts the gradient into windows; argument 2 lends its shape",
        aliases=("col2im",),
    ),
    Structural(
        "maximum_over",
        reduced_shape,
        lambda attrs: f"a.max({axis_text(attrs)})",
        _maximum_adjoint,
        sign="max",
        keywords={"axis": None, "keepdims": False},
        role="routes the gradient to the first winner",
        routes=True,
    ),
    Structural(
        "first_winner",
        _winner_shape,
        lambda attrs: f"first_winner(a, {attrs['axis']})",
        no_adjoint,
        sign="argmax",
        keywords={"axis": None},
        role="marks the first largest; passes no gradient",
    ),
)
