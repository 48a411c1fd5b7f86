"""Gates that only move numbers: reshape, transpose, pad.

Each is linear, and its adjoint moves the gradient back: pad and slice are each other's
adjoint (as in XLA's Pad, whose interior padding undoes a step).
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
from gradtutor.gates.shapes import (
    show_shape,
    size_product,
    size_quotient,
)
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]

# ---- reshape and transpose ----


def _reshape_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    """Fill in the -1 of a new shape, if there is one."""
    (old,), new = shapes, tuple(attrs["shape"])
    total = size_product(old)
    known = size_product(tuple(size for size in new if size != -1))
    rest = size_quotient(total, known)
    fits = min(new, default=1) >= -1 and new.count(-1) <= 1
    if not fits or rest is None or (-1 not in new and rest != 1):
        raise ShapeMismatchError(
            tr(
                "{old} has {total} elements: it cannot take the shape {new}",
                old=show_shape(old),
                total=total,
                new=show_shape(new),
            )
        )
    return tuple(rest if size == -1 else size for size in new)


def written_shape(shape: Shape) -> Shape:
    """Return a shape for ``reshape``: its one unknown size as -1.

    Raises
    ------
    ShapeMismatchError
        When more than one size is unknown.
    """
    unknown = [size for size in shape if isinstance(size, str)]
    if len(unknown) > 1:
        raise ShapeMismatchError(
            tr(
                "{shape} has two unknown sizes: declare one as a number",
                shape=show_shape(shape),
            )
        )
    return tuple(-1 if isinstance(size, str) else size for size in shape)


def reshaped(tape: Tape, x: str, shape: Shape) -> str:
    """Append a reshape, unless the shape is that already."""
    if tape.shape(x) == shape:
        return x
    return tape.gate("reshape", x, shape=written_shape(shape))


def _reshape_text(attrs: Attributes) -> str:
    sizes = ", ".join(map(str, attrs["shape"]))
    return f"a.reshape({sizes or '()'})"


def _reshape_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    return (reshaped(tape, u, tape.shape(call.args[0])),)


def _axes(shape: Shape, attrs: Attributes) -> tuple[int, ...]:
    axes = attrs.get("axes")
    if axes is None:
        return tuple(range(len(shape)))[::-1]
    rank = len(shape)
    order = tuple(axis + rank if axis < 0 else axis for axis in axes)
    if sorted(order) != list(range(rank)):
        raise ShapeMismatchError(
            tr(
                "axes {axes} are no order of the {count} axes of {shape}",
                axes=axes,
                count=len(shape),
                shape=show_shape(shape),
            )
        )
    return order


def _transpose_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    (shape,) = shapes
    return tuple(shape[axis] for axis in _axes(shape, attrs))


def _transpose_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Undo the order: a permutation's adjoint is its inverse."""
    order = _axes(tape.shape(call.args[0]), call.attrs)
    if call.attrs.get("axes") is None:
        return (tape.gate("transpose", u),)
    inverse = tuple(order.index(axis) for axis in range(len(order)))
    return (tape.gate("transpose", u, axes=inverse),)


def _transpose_text(attrs: Attributes) -> str:
    axes = attrs.get("axes")
    return "a.T" if axes is None else f"a.transpose{tuple(axes)}"


# ---- pad ----


def _pad_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    (shape,), widths = shapes, attrs["widths"]
    whole = all(isinstance(number, int) for width in widths for number in width)
    sizes = {len(width) for width in widths}
    if not whole or len(widths) > len(shape) or not sizes <= {2, 3}:
        raise ShapeMismatchError(
            tr(
                "pad widths {widths} are not (before, after[, between]) for the "
                "axes of {shape}",
                widths=widths,
                shape=show_shape(shape),
            )
        )
    return tuple(map(_padded, shape, full_widths(widths, len(shape))))


def full_widths(
    widths: tuple[tuple[int, ...], ...], rank: int
) -> tuple[tuple[int, int, int], ...]:
    """Return (before, after, between) for every axis, trailing ones unpadded."""
    given = [
        (width[0], width[1], width[2] if len(width) > 2 else 0) for width in widths
    ]
    return (*given, *[(0, 0, 0)] * (rank - len(given)))


def _padded(size: Dimension, width: tuple[int, int, int]) -> Dimension:
    before, after, between = width
    if not isinstance(size, int):
        if width == (0, 0, 0):
            return size
        raise ShapeMismatchError(
            tr("an unknown size {size} cannot be padded", size=size)
        )
    total = before + after + size + max(size - 1, 0) * between
    if min(before, after, between) < 0 or total < 0:
        raise ShapeMismatchError(
            tr("pad widths {width} must not be negative", width=width)
        )
    return total


def _pad_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Cut the padding off again."""
    shape = tape.shape(call.args[0])
    widths = full_widths(call.attrs["widths"], len(shape))
    cuts = tuple(
        (0, None, 1)
        if width == (0, 0, 0)
        else (width[0], width[0] + (int(size) - 1) * (width[2] + 1) + 1, width[2] + 1)
        for size, width in zip(shape, widths, strict=True)
    )
    return (tape.gate("slice", u, cuts=cuts),)


def _pad_text(attrs: Attributes) -> str:
    value = attrs.get("value", 0.0)
    filling = f", {value!r}".replace("inf", "np.inf") if value else ""
    return f"pad(a, {attrs['widths']}{filling})"


# ---- a stop ----


def _same_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    return shapes[0]


def _same_numbers(tape: Tape, call: Call) -> str:
    """Append the argument once more; only backward is a stop more than that."""
    return tape.gate("mul", call.args[0], tape.number(1.0))


MOVEMENT = (
    Structural(
        "stop_gradient",
        _same_shape,
        lambda attrs: "a",
        lambda tape, call, u: (None,),
        sign="stop",
        opened=_same_numbers,
        role="lets no gradient through",
        aliases=("detach",),
    ),
    Structural(
        "reshape",
        _reshape_shape,
        _reshape_text,
        _reshape_adjoint,
        sign="reshape",
        keywords={"shape": (-1,)},
        role="only regroups the numbers",
    ),
    Structural(
        "transpose",
        _transpose_shape,
        _transpose_text,
        _transpose_adjoint,
        sign="T",
        postfix=".T",
        keywords={"axes": None},
        role="turns the axes back",
        aliases=("permute",),
    ),
    Structural(
        "pad",
        _pad_shape,
        _pad_text,
        _pad_adjoint,
        sign="pad",
        keywords={"widths": ((0, 0),), "value": 0.0},
        role="cuts the padding off the gradient",
    ),
)
