"""Gates that turn, join and look up: flip, concat, gather and its adjoint."""

from __future__ import annotations

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import normal_axes, same_shape, show_shape, show_shapes
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]

# ---- flip and concat ----


def _flip_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    return (tape.gate("flip", u, **call.attrs),)


def _concat_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    first = shapes[0]
    if not isinstance(attrs["axis"], int):
        raise ShapeMismatchError(tr("concat joins along one axis, such as axis=0"))
    (axis,) = normal_axes(attrs["axis"], len(first))
    rests = {(len(shape), *shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(rests) > 1 or not all(isinstance(shape[axis], int) for shape in shapes):
        shown = show_shapes(shapes)
        raise ShapeMismatchError(
            tr("{shown} cannot be joined along axis {axis}", shown=shown, axis=axis)
        )
    total = sum(int(shape[axis]) for shape in shapes)
    return (*first[:axis], total, *first[axis + 1 :])


def _concat_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Cut the gradient into the arguments' parts."""
    (axis,) = normal_axes(call.attrs["axis"], len(tape.shape(u)))
    gradients, start = [], 0
    for arg in call.args:
        stop = start + int(tape.shape(arg)[axis])
        cuts = (*[(0, None, 1)] * axis, (start, stop, 1))
        gradients.append(tape.gate("slice", u, cuts=cuts))
        start = stop
    return tuple(gradients)


# ---- gather and its adjoint ----


def _gather_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    table, index = shapes
    if not table:
        raise ShapeMismatchError(
            tr("gather takes rows of a table, not of a single number")
        )
    return (*index, *table[1:])


def _gather_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Add every row's gradient where the row came from."""
    table, index = call.args
    return tape.gate("scatter_add", u, index, table), None


def _scatter_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    u, index, table = shapes
    if u != (*index, *table[1:]):
        raise ShapeMismatchError(
            tr(
                "{u} are not rows of {table} at {index}",
                u=show_shape(u),
                table=show_shape(table),
                index=show_shape(index),
            )
        )
    return table


def _scatter_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    return tape.gate("gather", u, call.args[1]), None, None


GATHERING = (
    Structural(
        "flip",
        same_shape,
        lambda attrs: f"np.flip(a, {attrs['axis']})",
        _flip_adjoint,
        sign="flip",
        keywords={"axis": None},
        role="turns the gradient round as well",
    ),
    Structural(
        "concat",
        _concat_shape,
        lambda attrs: f"np.concatenate((a, b), axis={attrs['axis']})",
        _concat_adjoint,
        sign="concat",
        arity=(2, 2),
        keywords={"axis": 0},
        role="cuts the gradient into the parts",
        aliases=("concatenate",),
    ),
    Structural(
        "gather",
        _gather_shape,
        lambda _: "a[b.astype(int)]",
        _gather_adjoint,
        sign="gather",
        arity=(2, 2),
        role="adds each row's gradient where it came from",
        routes=True,
        aliases=("take", "embedding"),
    ),
    Structural(
        "scatter_add",
        _scatter_shape,
        lambda _: "scatter_add(a, b, c)",
        _scatter_adjoint,
        sign="scatter",
        arity=(3, 3),
        role="adds rows into a table; argument 3 lends its shape",
    ),
)
