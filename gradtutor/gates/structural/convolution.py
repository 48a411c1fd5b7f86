"""Convolution and pooling, as the composites that they are: windows, then Σ∏ or max.

Layouts: x (C, L[, N]) or (C, H, W[, N]), weights (O, C/groups, k) or
(O, C/groups, kh, kw), result (O, L'[, N]) or (O, H', W'[, N]). As in every
deep-learning library, the kernel is not flipped: it is the signal processor's
cross-correlation.
"""

from __future__ import annotations

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import show_shape
from gradtutor.gates.structural.movement import reshaped
from gradtutor.gates.structural.windows import per_axis, window_count
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]


def padding_pairs(attrs: Attributes) -> tuple[tuple[int, int], ...]:
    """Return (before, after) for every spatial axis; "same" keeps the size at stride 1.

    An uneven "same" puts the larger part after, as PyTorch and Keras do.
    """
    padding = attrs["padding"]
    if padding == "valid":
        return ((0, 0),) * len(attrs["kernel"])
    if padding == "same":
        totals = [
            dilation * (kernel - 1)
            for kernel, dilation in zip(attrs["kernel"], attrs["dilation"], strict=True)
        ]
        return tuple((total // 2, total - total // 2) for total in totals)
    return tuple((p, p) if isinstance(p, int) else tuple(p) for p in padding)


def output_sizes(shape: Shape, attrs: Attributes) -> tuple[int, ...]:
    """Return the spatial sizes of the result."""
    sizes = []
    numbers = zip(
        shape[1:],
        padding_pairs(attrs),
        attrs["kernel"],
        attrs["stride"],
        attrs["dilation"],
        strict=False,
    )
    for size, (before, after), kernel, stride, dilation in numbers:
        full = size + before + after if isinstance(size, int) else size
        sizes.append(window_count(full, kernel, stride, dilation))
    return tuple(sizes)


def _padding(value: object, rank: int) -> object:
    """Return "same", "valid", or a number or (before, after) for each spatial axis."""
    if value in ("same", "valid"):
        return value
    sides = (value,) * rank if isinstance(value, int) else value
    if not isinstance(sides, tuple) or len(sides) != rank:
        raise ShapeMismatchError(
            tr("padding {value} needs {rank} number(s)", value=value, rank=rank)
        )
    if any(min(per_axis("padding", side, 2)) < 0 for side in sides):
        raise ShapeMismatchError(
            tr("padding {value} must not be negative", value=value)
        )
    return sides


def spatial_attrs(attrs: Attributes, kernel: tuple[int, ...]) -> dict[str, object]:
    """Return stride, padding and dilation with one entry per spatial axis."""
    rank = len(kernel)
    return {
        "stride": per_axis("stride", attrs["stride"], rank),
        "padding": _padding(attrs["padding"], rank),
        "dilation": per_axis("dilation", attrs["dilation"], rank),
        "kernel": kernel,
    }


# ---- convolution ----

CONVOLUTION = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}


def _full(attrs: Attributes, weights: Shape) -> dict[str, object]:
    kernel = tuple(int(size) for size in weights[2:])
    spatial = {key: attrs[key] for key in ("stride", "padding", "dilation")}
    return spatial_attrs(spatial, kernel)


def _convolution_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    x, weights = shapes
    rank, groups = len(weights) - 2, attrs["groups"]
    if rank not in (1, 2) or not rank + 1 <= len(x) <= rank + 2:
        raise ShapeMismatchError(
            tr(
                "a convolution takes x (C, L, N) with weights (O, C, k), or (C, "
                "H, W, N) with (O, C, kh, kw), not {x} with {weights}",
                x=show_shape(x),
                weights=show_shape(weights),
            )
        )
    if not isinstance(groups, int) or groups < 1:
        raise ShapeMismatchError(
            tr("groups is a number from 1 on, not {groups}", groups=groups)
        )
    if not all(isinstance(size, int) for size in (*weights, x[0])):
        raise ShapeMismatchError(tr("channels and kernel sizes must be known numbers"))
    out, per_group = int(weights[0]), int(weights[1])
    if x[0] != per_group * groups or out % groups:
        raise ShapeMismatchError(
            tr(
                "weights {weights} in {groups} group(s) take {count} "
                "channels, x {x} has {given}",
                weights=show_shape(weights),
                groups=groups,
                count=per_group * groups,
                x=show_shape(x),
                given=x[0],
            )
        )
    return (out, *output_sizes(x, _full(attrs, weights)), *x[1 + rank :])


def _letters(rank: int, batch: bool) -> tuple[str, str, str]:
    """Return the letters of the kernel, of the places and of the batch."""
    return "ij"[:rank], "hw"[:rank], "n" * batch


def _columns(tape: Tape, x: str, attrs: Attributes) -> str:
    """Append the padded windows of x."""
    pairs = padding_pairs(attrs)
    if any(pair != (0, 0) for pair in pairs):
        x = tape.gate("pad", x, widths=((0, 0), *pairs))
    window = {key: tuple(attrs[key]) for key in ("kernel", "stride", "dilation")}
    return tape.gate("windows", x, **window)


def _grouped(tape: Tape, x: str, groups: int) -> str:
    """Split the first axis into (groups, rest)."""
    first, *rest = tape.shape(x)
    return reshaped(tape, x, (groups, int(first) // groups, *rest))


def _convolution_opened(tape: Tape, call: Call) -> str:
    """Open into windows and one Σ∏ over channels and kernel, per group."""
    x, weights = call.args
    shape, groups = tape.shape(weights), call.attrs["groups"]
    rank = len(shape) - 2
    out = _convolution_shape((tape.shape(x), shape), call.attrs)
    columns = _columns(tape, x, _full(call.attrs, shape))
    taps, places, batch = _letters(rank, len(out) == rank + 2)
    g = "g" * (groups > 1)
    if groups > 1:
        columns, weights = (_grouped(tape, one, groups) for one in (columns, weights))
    subscripts = f"{g}oc{taps},{g}c{taps}{places}{batch}->{g}o{places}{batch}"
    product = tape.gate("einsum", weights, columns, subscripts=subscripts)
    return reshaped(tape, product, out)


def _convolution_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """By x the transposed convolution of u with w, by w Σ u windows(x)."""
    x, weights = call.args
    dx = tape.gate("conv_transpose", u, weights, x, **call.attrs)
    return dx, _weight_gradient(tape, x, weights, u, call.attrs)


def _weight_gradient(
    tape: Tape, x: str, weights: str, u: str, given: Attributes
) -> str:
    """Append Σ u windows(x), summed over places and batch."""
    shape, groups = tape.shape(weights), given["groups"]
    rank = len(shape) - 2
    columns = _columns(tape, x, _full(given, shape))
    taps, places, batch = _letters(rank, len(tape.shape(x)) == rank + 2)
    g = "g" * (groups > 1)
    if groups > 1:
        u, columns = (_grouped(tape, one, groups) for one in (u, columns))
    subscripts = f"{g}o{places}{batch},{g}c{taps}{places}{batch}->{g}oc{taps}"
    dw = tape.gate("einsum", u, columns, subscripts=subscripts)
    return reshaped(tape, dw, shape)


# ---- transposed convolution ----


def _transpose_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    u, weights, like = shapes
    if _convolution_shape((like, weights), attrs) != u:
        raise ShapeMismatchError(
            tr(
                "{u} is no gradient of a convolution of {like} with {weights}",
                u=show_shape(u),
                like=show_shape(like),
                weights=show_shape(weights),
            )
        )
    return like


def _transpose_opened(tape: Tape, call: Call) -> str:
    """Open into fold(Σ w u), the padding cut off."""
    u, weights, x = call.args
    shape, groups = tape.shape(weights), call.attrs["groups"]
    attrs = _full(call.attrs, shape)
    rank = len(shape) - 2
    taps, places, batch = _letters(rank, len(tape.shape(x)) == rank + 2)
    g = "g" * (groups > 1)
    if groups > 1:
        u, weights = (_grouped(tape, one, groups) for one in (u, weights))
    subscripts = f"{g}oc{taps},{g}o{places}{batch}->{g}c{taps}{places}{batch}"
    cut = tape.gate("einsum", weights, u, subscripts=subscripts)
    sizes = tape.shape(call.args[0])[1 : 1 + rank]
    batch_size = tape.shape(x)[1 + rank :]
    cut = reshaped(tape, cut, (tape.shape(x)[0], *shape[2:], *sizes, *batch_size))
    return _uncut(tape, x, cut, attrs)


def _transpose_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Linear in both: by the gradient a convolution, by the weights Σ g windows(u)."""
    above, weights, _ = call.args
    dw = _weight_gradient(tape, u, weights, above, call.attrs)
    return tape.gate("conv", u, weights, **call.attrs), dw, None


def _uncut(tape: Tape, x: str, dcut: str, attrs: Attributes) -> str:
    """Fold the windows' gradient and cut the padding off."""
    pairs = padding_pairs(attrs)
    padded = any(pair != (0, 0) for pair in pairs)
    like = tape.gate("pad", x, widths=((0, 0), *pairs)) if padded else x
    window = {key: tuple(attrs[key]) for key in ("kernel", "stride", "dilation")}
    dx = tape.gate("fold", dcut, like, **window)
    if not padded:
        return dx
    cuts = tuple(
        (before, before + int(size), 1)
        for (before, _), size in zip(pairs, tape.shape(x)[1:], strict=False)
    )
    return tape.gate("slice", dx, cuts=((0, None, 1), *cuts))


def _options(attrs: Attributes) -> str:
    """Write the keyword arguments that are not the usual ones."""
    parts = []
    for key, usual in CONVOLUTION.items():
        value = attrs[key]
        if (
            isinstance(value, tuple)
            and set(value) == {value[0]}
            and (isinstance(value[0], int))
        ):
            value = value[0]  # the same along every axis
        parts += [f", {key}={value!r}".replace("'", '"')] * (value != usual)
    return "".join(parts)


CONVOLUTIONS = (
    Structural(
        "conv",
        _convolution_shape,
        lambda attrs: f"convolution(a, b{_options(attrs)})",
        _convolution_adjoint,
        sign="conv",
        arity=(2, 2),
        opened=_convolution_opened,
        keywords=CONVOLUTION,
        role="folds the gradient back through the kernel",
        aliases=("conv1d", "conv2d", "convolution"),
    ),
    Structural(
        "conv_transpose",
        _transpose_shape,
        lambda attrs: f"convolution_transpose(a, b, c.shape{_options(attrs)})",
        _transpose_adjoint,
        sign="convᵀ",
        arity=(3, 3),
        opened=_transpose_opened,
        keywords=CONVOLUTION,
        role="convolves the gradient; argument 3 lends its shape",
    ),
)
