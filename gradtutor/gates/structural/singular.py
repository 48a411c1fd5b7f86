"""Norms that are made of singular values, A = U diag(σ) Vᵀ: spectral and nuclear.

∂σₖ/∂A = uₖ vₖᵀ and ∂Σσ/∂A = U Vᵀ (Watson 1992, "Characterization of the
subdifferential of some matrix norms"); both are U diag(g) Vᵀ for weights g, and one
formula has their slopes.
"""

from __future__ import annotations

from gradtutor.gates.gate import (
    Attributes,
    Call,
    NoDerivativeError,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import show_shape
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]
#: Which singular value: 0 is the largest, -1 the smallest.
PLACE = {"place": 0}
NORMS = {0: "2", -1: "-2"}


def _matrix_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    """Return the shape of a matrix that has so many singular values; refuse others."""
    if len(shapes[0]) != 2:
        message = tr(
            "singular values are those of a matrix, as A: (2, 3), not {shape}",
            shape=show_shape(shapes[0]),
        )
        raise ShapeMismatchError(message)
    count = min((size for size in shapes[0] if isinstance(size, int)), default=0)
    place = attrs.get("place", 0)
    if count and not -count <= place < count:
        message = tr(
            "a matrix {shape} has {count} singular values, from place 0 on",
            shape=show_shape(shapes[0]),
            count=count,
        )
        raise ShapeMismatchError(message)
    return shapes[0]


def _number_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    _matrix_shape(shapes, attrs)
    return ()


def _value_text(attrs: Attributes) -> str:
    place = attrs.get("place", 0)
    if place in NORMS:
        return f"np.linalg.norm(a, {NORMS[place]})"
    return f"np.linalg.svd(a, compute_uv=False)[{place}]"


def _value_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Dσₖ = uₖᵀ dA vₖ, so Ā = u uₖ vₖᵀ."""
    pair = tape.gate("singular_pair", call.args[0], place=call.attrs.get("place", 0))
    return (tape.gate("mul", u, pair),)


def _nuclear_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """D Σσ = tr(V Uᵀ dA), so Ā = u U Vᵀ."""
    return (tape.gate("mul", u, tape.gate("polar", call.args[0])),)


def _pair_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Turn the two vectors: the slope of U diag(g) Vᵀ is its own adjoint."""
    place = call.attrs.get("place", 0)
    return (tape.gate("singular_pair_slope", call.args[0], u, place=place),)


def _no_third(_tape: Tape, _call: Call, _u: str) -> Gradients:
    message = tr("norms of singular values have two derivatives here, not a third")
    raise NoDerivativeError(message)


def _polar_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    return (tape.gate("polar_slope", call.args[0], u),)


SINGULAR = (
    Structural(
        "singular_value",
        _number_shape,
        _value_text,
        _value_adjoint,
        sign="σ",
        keywords=PLACE,
        role="gives the gradient to the directions of its two singular vectors, u vᵀ",
        aliases=("spectral_norm",),
    ),
    Structural(
        "nuclear_norm",
        _number_shape,
        lambda _: 'np.linalg.norm(a, "nuc")',
        _nuclear_adjoint,
        sign="Σσ",
        role="gives the gradient to all pairs of singular vectors alike, U Vᵀ",
        aliases=("trace_norm",),
    ),
    Structural(
        "singular_pair",
        _matrix_shape,
        lambda attrs: f"singular_pair(a, {attrs.get('place', 0)})",
        _pair_adjoint,
        sign="u vᵀ",
        keywords=PLACE,
        role="turns with the singular vectors",
    ),
    Structural(
        "polar",
        _matrix_shape,
        lambda _: "polar(a)",
        _polar_adjoint,
        sign="U Vᵀ",
        role="turns with the singular vectors",
    ),
    Structural(
        "singular_pair_slope",
        _matrix_shape,
        lambda attrs: f"singular_pair_slope(a, b, {attrs.get('place', 0)})",
        _no_third,
        sign="∂(u vᵀ)",
        arity=(2, 2),
        keywords=PLACE,
        role="how a pair of singular vectors turns",
    ),
    Structural(
        "polar_slope",
        _matrix_shape,
        lambda _: "polar_slope(a, b)",
        _no_third,
        sign="∂(U Vᵀ)",
        arity=(2, 2),
        role="how all singular vectors turn",
    ),
)
