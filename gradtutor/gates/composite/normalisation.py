"""Variance, and standardising to mean 0 and variance 1, as batch and layer norm do.

Over the batch axes it is batch normalisation (Ioffe & Szegedy 2015), over the features
layer normalisation (Ba, Kiros & Hinton 2016).
"""

from __future__ import annotations

from gradtutor.gates.gate import Attributes, Call, Structural, Tape
from gradtutor.gates.shapes import reduced_shape, same_shape
from gradtutor.gates.structural.reductions import axis_text, spread

Gradients = tuple[str | None, ...]


def _mean(tape: Tape, x: str, call: Call) -> str:
    return tape.gate("mean", x, axis=call.attrs["axis"], keepdims=True)


def _variance_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """By x: d var / dx = 2 (x - mean) / count."""
    (x,) = call.args
    count = tape.gate("size", x, axis=call.attrs["axis"])
    twice = tape.gate(
        "mul", tape.number(2.0), tape.gate("sub", x, _mean(tape, x, call))
    )
    return (tape.gate("mul", spread(tape, call, tape.gate("div", u, count)), twice),)


def _variance_opened(tape: Tape, call: Call) -> str:
    (x,) = call.args
    centred = tape.gate("sub", x, _mean(tape, x, call))
    squares = tape.gate("pow", centred, tape.number(2.0))
    return tape.gate("mean", squares, **call.attrs)


def _deviation(tape: Tape, call: Call) -> str:
    """Append sqrt(var(x) + eps)."""
    spread_ = tape.gate(
        "variance", call.args[0], axis=call.attrs["axis"], keepdims=True
    )
    return tape.gate("sqrt", tape.gate("add", spread_, tape.number(call.attrs["eps"])))


def _standardize_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """By x: (u - mean(u) - out mean(u out)) / deviation (Ioffe & Szegedy 2015, 3)."""
    drift = _mean(tape, u, call)
    pull = tape.gate("mul", call.out, _mean(tape, tape.gate("mul", u, call.out), call))
    rest = tape.gate("sub", tape.gate("sub", u, drift), pull)
    return (tape.gate("div", rest, _deviation(tape, call)),)


def _standardize_opened(tape: Tape, call: Call) -> str:
    (x,) = call.args
    return tape.gate(
        "div", tape.gate("sub", x, _mean(tape, x, call)), _deviation(tape, call)
    )


def _standardize_text(attrs: Attributes) -> str:
    axis = axis_text(attrs) or "axis=None"
    return f"standardize(a, {axis}, eps={attrs['eps']!r})"


NORMALISATION = (
    Structural(
        "variance",
        reduced_shape,
        lambda attrs: f"a.var({axis_text(attrs)})",
        _variance_adjoint,
        sign="var",
        opened=_variance_opened,
        keywords={"axis": None, "keepdims": False},
        role="gradient grows with the distance from the mean",
        aliases=("var",),
    ),
    Structural(
        "standardize",
        same_shape,
        _standardize_text,
        _standardize_adjoint,
        sign="(x−µ)/σ",
        opened=_standardize_opened,
        keywords={"axis": 0, "eps": 1e-5},
        role="removes the gradient's mean and its share along the output",
    ),
)
