"""Softmax, log-sum-exp and one-hot rows: from scores to classes."""

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
    reduced_shape,
    same_shape,
    show_shape,
)
from gradtutor.gates.structural.reductions import axis_text, no_adjoint, spread
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]


def _softmax_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Jᵀu = s (u - ⟨s, u⟩): every output depends on every logit of its row."""
    s = call.out
    axis = call.attrs["axis"]
    inner = tape.gate("sum", tape.gate("mul", s, u), axis=axis, keepdims=True)
    return (tape.gate("mul", s, tape.gate("sub", u, inner)),)


def _softmax_opened(tape: Tape, call: Call) -> str:
    (z,) = call.args
    exponentials = tape.gate("exp", z)
    total = tape.gate("sum", exponentials, axis=call.attrs["axis"], keepdims=True)
    return tape.gate("div", exponentials, total)


def _logsumexp_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    (z,) = call.args
    axis = call.attrs["axis"]
    if not call.attrs.get("keepdims"):
        u = spread(tape, call, u)
    return (tape.gate("mul", u, tape.gate("softmax", z, axis=axis)),)


def _logsumexp_opened(tape: Tape, call: Call) -> str:
    return tape.gate(
        "log", tape.gate("sum", tape.gate("exp", call.args[0]), **call.attrs)
    )


def _one_hot_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    labels, like = shapes
    if not like or labels != like[:-1]:
        raise ShapeMismatchError(
            tr(
                "labels {labels} do not fit scores {like}: one label per row is {rows}",
                labels=show_shape(labels),
                like=show_shape(like),
                rows=show_shape(like[:-1]),
            )
        )
    return like


CLASSIFICATION = (
    Structural(
        "softmax",
        same_shape,
        lambda attrs: (
            "softmax(a)" if attrs["axis"] == -1 else f"softmax(a, {attrs['axis']})"
        ),
        _softmax_adjoint,
        sign="softmax",
        opened=_softmax_opened,
        keywords={"axis": -1},
        role="each probability pulls against all the others",
    ),
    Structural(
        "logsumexp",
        reduced_shape,
        lambda attrs: f"logsumexp(a, {axis_text(attrs)})",
        _logsumexp_adjoint,
        sign="logΣexp",
        opened=_logsumexp_opened,
        keywords={"axis": -1, "keepdims": False},
        role="hands out the gradient by softmax",
    ),
    Structural(
        "one_hot",
        _one_hot_shape,
        lambda _: "one_hot(a, b.shape[-1])",
        no_adjoint,
        sign="one-hot",
        arity=(2, 2),
        labels=0,
        role="turns labels into rows; passes no gradient",
    ),
)
