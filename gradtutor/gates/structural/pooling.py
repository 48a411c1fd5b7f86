"""Pooling: the maximum or the mean of every window of each channel."""

from __future__ import annotations

import math

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import show_shape
from gradtutor.gates.structural.convolution import (
    output_sizes,
    padding_pairs,
    spatial_attrs,
)
from gradtutor.gates.structural.windows import per_axis
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]
POOL = {"kernel": (2,), "stride": None, "padding": 0, "dilation": 1}


def pool_attrs(attrs: Attributes) -> dict[str, object]:
    """Return kernel, stride, padding, dilation per axis; the stride is the kernel's."""
    kernel = per_axis("kernel", attrs["kernel"], len(attrs["kernel"] or ()))
    rest = {key: attrs[key] for key in ("stride", "padding", "dilation")}
    rest["stride"] = kernel if rest["stride"] is None else rest["stride"]
    return spatial_attrs(rest, kernel)


def _pool_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    (x,), full = shapes, pool_attrs(attrs)
    rank = len(attrs["kernel"])
    if not rank + 1 <= len(x) <= rank + 2:
        wanted = "(C, L, N)" if rank == 1 else "(C, H, W, N)"
        raise ShapeMismatchError(
            tr("pooling takes {wanted}, not {x}", wanted=wanted, x=show_shape(x))
        )
    for (before, after), kernel in zip(
        padding_pairs(full), attrs["kernel"], strict=True
    ):
        if 2 * before > kernel or after >= kernel:  # a last window may hang over
            raise ShapeMismatchError(
                tr(
                    "padding {padding} is more than half the kernel of {kernel}",
                    padding=(before, after),
                    kernel=kernel,
                )
            )
    return (x[0], *output_sizes(x, full), *x[1 + rank :])


def pool_text(attrs: Attributes) -> str:
    """Write the arguments of a pooling: its kernel, and what is not usual."""
    kernel, full = tuple(attrs["kernel"]), pool_attrs(attrs)
    ones = (1,) * len(kernel)
    usual = {"stride": kernel, "padding": (0,) * len(kernel), "dilation": ones}
    given = [f"{k}={full[k]!r}" for k, value in usual.items() if full[k] != value]
    return ", ".join([str(kernel), *given]).replace("'", '"')


def _windows(tape: Tape, x: str, attrs: Attributes, filling: float) -> str:
    """Append the windows of the padded x: (C, *kernel, *places[, N])."""
    full = pool_attrs(attrs)
    pairs = padding_pairs(full)
    if any(pair != (0, 0) for pair in pairs):
        x = tape.gate("pad", x, widths=((0, 0), *pairs), value=filling)
    window = {key: full[key] for key in ("kernel", "stride", "dilation")}
    return tape.gate("windows", x, **window)


def _axes(attrs: Attributes) -> tuple[int, ...]:
    return tuple(range(1, 1 + len(attrs["kernel"])))


def _max_opened(tape: Tape, call: Call) -> str:
    cut = _windows(tape, call.args[0], call.attrs, -math.inf)
    return tape.gate("maximum_over", cut, axis=_axes(call.attrs), keepdims=False)


def _max_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Send each window's gradient to its first largest element."""
    return (tape.gate("max_unpool", call.args[0], call.out, u, **call.attrs),)


def _unpool_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    x, pooled, u = shapes
    if not pooled == u == _pool_shape((x,), attrs):
        raise ShapeMismatchError(
            tr(
                "{u} is no gradient of the pooling of {x}",
                u=show_shape(u),
                x=show_shape(x),
            )
        )
    return x


def _unpool_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Take, of what comes from above, each window's winner: linear in argument 3."""
    axes = _axes(call.attrs)
    cut = _windows(tape, call.args[0], call.attrs, -math.inf)
    won = tape.gate("first_winner", cut, axis=axes)
    above = _windows(tape, u, call.attrs, 0.0)
    taken = tape.gate("sum", tape.gate("mul", above, won), axis=axes, keepdims=False)
    return None, None, taken


def _mean_opened(tape: Tape, call: Call) -> str:
    cut = _windows(tape, call.args[0], call.attrs, 0.0)
    return tape.gate("mean", cut, axis=_axes(call.attrs), keepdims=False)


def _mean_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Give every element of a window the same share; padding counts, as a zero."""
    return (tape.gate("mean_unpool", call.args[0], u, **call.attrs),)


def _mean_unpool_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    x, u = shapes
    return _unpool_shape((x, u, u), attrs)


def _mean_unpool_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    return None, tape.gate("avg_pool", u, **call.attrs)


POOLING = (
    Structural(
        "max_pool",
        _pool_shape,
        lambda attrs: f"max_pool(a, {pool_text(attrs)})",
        _max_adjoint,
        sign="max\npool",
        opened=_max_opened,
        keywords=POOL,
        role="routes each window's gradient to its first winner",
        routes=True,
        aliases=("max_pool1d", "max_pool2d"),
    ),
    Structural(
        "avg_pool",
        _pool_shape,
        lambda attrs: f"avg_pool(a, {pool_text(attrs)})",
        _mean_adjoint,
        sign="mean\npool",
        opened=_mean_opened,
        keywords=POOL,
        role="shares each window's gradient evenly",
        aliases=("avg_pool1d", "avg_pool2d"),
    ),
    Structural(
        "max_unpool",
        _unpool_shape,
        lambda attrs: f"max_unpool(a, b, c, {pool_text(attrs)})",
        _unpool_adjoint,
        sign="max\nunpool",
        arity=(3, 3),
        keywords=POOL,
        role="takes each window's winner",
    ),
    Structural(
        "mean_unpool",
        _mean_unpool_shape,
        lambda attrs: f"mean_unpool(a, b, {pool_text(attrs)})",
        _mean_unpool_adjoint,
        sign="mean\nunpool",
        arity=(2, 2),
        keywords=POOL,
        role="averages each window",
    ),
)
