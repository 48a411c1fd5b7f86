"""Matrix algebra: trace, determinant, inverse, solve, diagonals, Kronecker products.

The adjoints are those of Giles 2008, "Collected matrix derivative results for forward
and reverse mode algorithmic differentiation", section 2; index calculus proves them
where they are sums of products (`calculus/index/theorems.py`).
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
from gradtutor.gates.shapes import show_shape, size_product, size_quotient
from gradtutor.gates.structural.reductions import no_adjoint
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]


def square_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    """Return the shape of a square matrix; refuse all others."""
    (shape,) = shapes
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ShapeMismatchError(
            tr(
                "this takes a square matrix, as A: (3, 3), not {shape}",
                shape=show_shape(shape),
            )
        )
    return shape


def _number_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    square_shape(shapes, attrs)
    return ()


# ---- diagonals, trace, identity ----


def _diag_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    if len(shapes[0]) == 1:
        return shapes[0] * 2
    return square_shape(shapes, attrs)[:1]


def _diag_adjoint(tape: Tape, _call: Call, u: str) -> Gradients:
    """Read off the diagonal, or put the gradient there: each is the other's adjoint."""
    return (tape.gate("diag", u),)


def _eye_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    return shapes[0] * 2 if len(shapes[0]) == 1 else square_shape(shapes, attrs)


def _trace_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """D tr A = tr dA, so Ā = u I."""
    return (tape.gate("mul", u, tape.gate("eye", call.args[0])),)


def _trace_opened(tape: Tape, call: Call) -> str:
    diagonal = tape.gate("diag", call.args[0])
    return tape.gate("sum", diagonal, axis=None, keepdims=False)


# ---- inverse, solve, determinant ----


def _turned_inverse(tape: Tape, a: str) -> str:
    return tape.gate("transpose", tape.gate("inv", a))


def _inv_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """d(A⁻¹) = -A⁻¹ dA A⁻¹, so Ā = -A⁻ᵀ u A⁻ᵀ."""
    turned = tape.gate("transpose", call.out)
    inner = tape.gate("matmul", tape.gate("matmul", turned, u), turned)
    return (tape.gate("neg", inner),)


def _solve_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    matrix, right = shapes
    square_shape((matrix,), attrs)
    if not 1 <= len(right) <= 2 or right[0] != matrix[0]:
        raise ShapeMismatchError(
            tr(
                "solve(A, b) takes as many rows in b as in A, not {a} and {b}",
                a=show_shape(matrix),
                b=show_shape(right),
            )
        )
    return right


def _solve_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """X = A⁻¹b: b̄ = A⁻ᵀ u, Ā = -b̄ xᵀ."""
    a, _ = call.args
    sent = tape.gate("solve", tape.gate("transpose", a), u)
    if len(tape.shape(call.out)) == 1:
        product = tape.gate("outer", sent, call.out)
    else:
        product = tape.gate("matmul", sent, tape.gate("transpose", call.out))
    return tape.gate("neg", product), sent


def _solve_opened(tape: Tape, call: Call) -> str:
    a, b = call.args
    return tape.gate("matmul", tape.gate("inv", a), b)


def _det_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """D det A = tr(adj(A) dA), so Ā = u cof(A); Jacobi's formula."""
    return (tape.gate("mul", u, tape.gate("cofactor", call.args[0])),)


def _cofactor_opened(tape: Tape, call: Call) -> str:
    (a,) = call.args
    return tape.gate("mul", tape.gate("det", a), _turned_inverse(tape, a))


def _cofactor_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """C = det(A) A⁻ᵀ, so Ā = ⟨u, A⁻ᵀ⟩ C - A⁻ᵀ uᵀ C."""
    turned = _turned_inverse(tape, call.args[0])
    product = tape.gate("mul", u, turned)
    inner = tape.gate("sum", product, axis=None, keepdims=False)
    back = tape.gate("matmul", turned, tape.gate("transpose", u))
    second = tape.gate("matmul", back, call.out)
    return (tape.gate("sub", tape.gate("mul", inner, call.out), second),)


def _logdet_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """D log det A = tr(A⁻¹ dA), so Ā = u A⁻ᵀ."""
    return (tape.gate("mul", u, _turned_inverse(tape, call.args[0])),)


def _logdet_opened(tape: Tape, call: Call) -> str:
    return tape.gate("log", tape.gate("det", call.args[0]))


# ---- Kronecker products: K[ip, jq] = A[i, j] B[p, q] ----


def _kron_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    a, b = shapes
    if len(a) != len(b) or not 1 <= len(a) <= 2:
        raise ShapeMismatchError(
            tr(
                "kron takes two vectors or two matrices, not {a} and {b}",
                a=show_shape(a),
                b=show_shape(b),
            )
        )
    return tuple(size_product(pair) for pair in zip(a, b, strict=True))


def _kron_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Sum the blocks of u, weighted by the other factor."""
    a, b = call.args
    return tape.gate("kron_left", u, b), tape.gate("kron_right", u, a)


def _part_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    u, other = shapes
    sizes = [size_quotient(*pair) for pair in zip(u, other, strict=False)]
    if len(u) != len(other) or None in sizes:
        raise ShapeMismatchError(
            tr(
                "{a} is no Kronecker product with {b}",
                a=show_shape(u),
                b=show_shape(other),
            )
        )
    return tuple(size for size in sizes if size is not None)


def _left_adjoint(tape: Tape, call: Call, w: str) -> Gradients:
    u, b = call.args
    return tape.gate("kron", w, b), tape.gate("kron_right", u, w)


def _right_adjoint(tape: Tape, call: Call, w: str) -> Gradients:
    u, a = call.args
    return tape.gate("kron", a, w), tape.gate("kron_left", u, w)


MATRICES = (
    Structural(
        "diag",
        _diag_shape,
        lambda _: "np.diag(a)",
        _diag_adjoint,
        sign="diag",
        role="puts the gradient back on the diagonal",
        aliases=("diagonal",),
    ),
    Structural(
        "eye",
        _eye_shape,
        lambda _: "np.eye(len(a))",
        no_adjoint,
        sign="I",
        role="the identity of a matrix's size; passes no gradient",
    ),
    Structural(
        "trace",
        _number_shape,
        lambda _: "np.trace(a)",
        _trace_adjoint,
        sign="tr",
        opened=_trace_opened,
        role="gives the gradient to every element of the diagonal",
        aliases=("tr",),
    ),
    Structural(
        "inv",
        square_shape,
        lambda _: "np.linalg.inv(a)",
        _inv_adjoint,
        sign="A⁻¹",
        role="gradient between two inverses, transposed and negated",
        aliases=("inverse",),
    ),
    Structural(
        "solve",
        _solve_shape,
        lambda _: "np.linalg.solve(a, b)",
        _solve_adjoint,
        sign="A⁻¹b",
        arity=(2, 2),
        opened=_solve_opened,
        role="solves backward with the transposed matrix",
    ),
    Structural(
        "det",
        _number_shape,
        lambda _: "np.linalg.det(a)",
        _det_adjoint,
        sign="det",
        role="gives each element the gradient times its cofactor",
    ),
    Structural(
        "cofactor",
        square_shape,
        lambda _: "cofactor(a)",
        _cofactor_adjoint,
        sign="cof",
        opened=_cofactor_opened,
        role="det(A) A⁻ᵀ, with a value where A has no inverse, too",
    ),
    Structural(
        "logdet",
        _number_shape,
        lambda _: "logdet(a)",
        _logdet_adjoint,
        sign="log det",
        opened=_logdet_opened,
        role="hands out the inverse, transposed",
        aliases=("log_det",),
    ),
    Structural(
        "kron",
        _kron_shape,
        lambda _: "np.kron(a, b)",
        _kron_adjoint,
        sign="⊗",
        arity=(2, 2),
        role="sums the gradient's blocks, weighted by the other factor",
    ),
    Structural(
        "kron_left",
        _part_shape,
        lambda _: "kron_left(a, b)",
        _left_adjoint,
        sign="⊗ left",
        arity=(2, 2),
        role="what the left factor of a Kronecker product gets back",
    ),
    Structural(
        "kron_right",
        _part_shape,
        lambda _: "kron_right(a, b)",
        _right_adjoint,
        sign="⊗ right",
        arity=(2, 2),
        role="what the right factor of a Kronecker product gets back",
    ),
)
