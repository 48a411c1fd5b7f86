"""Matrix products, each with its adjoint.

The adjoint of a linear map A is Aᵀ, with ⟨A x, u⟩ = ⟨x, Aᵀ u⟩ (Giles 2008, "Collected
matrix derivative results for forward and reverse mode algorithmic differentiation").
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
from gradtutor.gates.shapes import (
    show_shape,
)
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]


def _matmul_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    a, b = shapes
    if not 1 <= len(a) <= 2 or not 1 <= len(b) <= 2:
        raise ShapeMismatchError(
            tr(
                "@ takes vectors and matrices, not {a} @ {b}: give shapes first, "
                "as in W: (2, 3), or values, as in --at W=[[1,2]]",
                a=show_shape(a),
                b=show_shape(b),
            )
        )
    if a[-1] != b[0]:
        raise ShapeMismatchError(
            tr(
                "{a} @ {b}: inner sizes {m} and {n} differ",
                a=show_shape(a),
                b=show_shape(b),
                m=a[-1],
                n=b[0],
            )
        )
    return (*a[:-1], *b[1:])


def _matmul_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """d(A B) = dA B + A dB, so Ā = u Bᵀ and B̄ = Aᵀ u (vectors: outer products)."""
    a, b = call.args
    a_rank, b_rank = len(tape.shape(a)), len(tape.shape(b))
    if a_rank == b_rank == 1:
        return tape.gate("mul", u, b), tape.gate("mul", u, a)
    if a_rank == 2 and b_rank == 1:
        return tape.gate("outer", u, b), tape.gate(
            "matmul", tape.gate("transpose", a), u
        )
    if a_rank == 1:
        return tape.gate("matmul", b, u), tape.gate("outer", a, u)
    return (
        tape.gate("matmul", u, tape.gate("transpose", b)),
        tape.gate("matmul", tape.gate("transpose", a), u),
    )


def _outer_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    a, b = shapes
    if len(a) != 1 or len(b) != 1:
        raise ShapeMismatchError(
            tr(
                "outer takes two vectors, not {a} and {b}",
                a=show_shape(a),
                b=show_shape(b),
            )
        )
    return (*a, *b)


def _outer_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    a, b = call.args
    return tape.gate("matmul", u, b), tape.gate("matmul", a, u)


PRODUCTS = (
    Structural(
        "matmul",
        _matmul_shape,
        lambda _: "a @ b",
        _matmul_adjoint,
        sign="@",
        arity=(2, 2),
        infix="@",
        role="swaps, transposed: gradient times the other matrix",
        aliases=("dot",),
    ),
    Structural(
        "outer",
        _outer_shape,
        lambda _: "np.outer(a, b)",
        _outer_adjoint,
        sign="outer",
        arity=(2, 2),
    ),
)
