"""The table of structural gates: linear and routing maps, each with its adjoint.

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
    broadcast_shapes,
    normal_axes,
    reduced_shape,
    same_shape,
    scalar_shape,
    show_shape,
)

Gradients = tuple[str | None, ...]


# ---- products ----


def _matmul_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    a, b = shapes
    if not 1 <= len(a) <= 2 or not 1 <= len(b) <= 2:
        raise ShapeMismatchError(
            f"@ takes vectors and matrices, not {show_shape(a)} @ {show_shape(b)}"
        )
    if a[-1] != b[0]:
        raise ShapeMismatchError(
            f"{show_shape(a)} @ {show_shape(b)}: inner sizes {a[-1]} and {b[0]} differ"
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
            f"outer takes two vectors, not {show_shape(a)} and {show_shape(b)}"
        )
    return (*a, *b)


def _outer_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    a, b = call.args
    return tape.gate("matmul", u, b), tape.gate("matmul", a, u)


def _transpose_adjoint(tape: Tape, _call: Call, u: str) -> Gradients:
    return (tape.gate("transpose", u),)


def _reversed_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    return shapes[0][::-1]


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
    Structural(
        "transpose",
        _reversed_shape,
        lambda _: "a.T",
        _transpose_adjoint,
        sign="T",
        postfix=".T",
    ),
)


# ---- reductions and their adjoints ----


def _axis_text(attrs: Attributes) -> str:
    """Write the reduction's keyword arguments as NumPy text."""
    axis, keepdims = attrs.get("axis"), attrs.get("keepdims")
    if isinstance(axis, tuple) and len(axis) == 1:
        (axis,) = axis
    parts = [] if axis is None else [f"axis={axis}"]
    return ", ".join(parts + ["keepdims=True"] * bool(keepdims))


def _spread(tape: Tape, call: Call, u: str) -> str:
    """Copy a reduction's upstream gradient back over the axes it summed."""
    (x,) = call.args
    if not tape.shape(x):
        return u
    axes = normal_axes(call.attrs.get("axis"), len(tape.shape(x)))
    axis = () if call.attrs.get("keepdims") else axes
    return tape.gate("broadcast", u, x, axis=axis)


def _sum_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    return (_spread(tape, call, u),)


def _mean_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    count = tape.gate("size", call.args[0], axis=call.attrs.get("axis"))
    return (_spread(tape, call, tape.gate("div", u, count)),)


def _extreme_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Give the gradient to the winners, split evenly, as torch.amax does."""
    (x,) = call.args
    won = tape.gate("equal", x, _spread(tape, call, call.out))
    axis = call.attrs.get("axis")
    ties = tape.gate("sum", won, axis=axis, keepdims=bool(call.attrs.get("keepdims")))
    share = _spread(tape, call, tape.gate("div", u, ties))
    return (tape.gate("where", won, share, tape.number(0.0)),)


def _broadcast_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Sum the gradient over what was copied; argument 2 only lends its shape."""
    x, like = map(tape.shape, call.args)
    before, new = _expanded(x, like, call.attrs)
    copied = tuple(
        i
        for i, (one, all_) in enumerate(zip(before, like, strict=True))
        if one == 1 and all_ != 1 and i not in new
    )
    if copied:
        u = tape.gate("sum", u, axis=copied, keepdims=True)
    if new:
        u = tape.gate("sum", u, axis=new)
    return u, None


def _expanded(
    x: Shape, like: Shape, attrs: Attributes
) -> tuple[Shape, tuple[int, ...]]:
    """Return x's shape with 1 at the axes it gains, and those axes.

    They are the ones named, or else the leading ones that NumPy's broadcasting adds.
    """
    new = normal_axes(attrs["axis"] or (), len(like)) or tuple(
        range(len(like) - len(x))
    )
    kept = iter(x)
    return tuple(1 if i in new else next(kept, 0) for i in range(len(like))), new


def _broadcast_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    x, like = shapes
    before, new = _expanded(x, like, attrs)
    if len(x) + len(new) != len(like) or broadcast_shapes(before, like) != like:
        raise ShapeMismatchError(
            f"a tensor {show_shape(x)} does not fill the shape {show_shape(like)}"
        )
    return like


def _no_adjoint(_tape: Tape, call: Call, _u: str) -> Gradients:
    return (None,) * len(call.args)


def _broadcast_text(attrs: Attributes) -> str:
    if not attrs["axis"]:
        return "np.broadcast_to(a, b.shape)"
    return f"np.broadcast_to(np.expand_dims(a, {attrs['axis']}), b.shape)"


def _size_text(attrs: Attributes) -> str:
    axis = attrs.get("axis")
    if axis == 0:
        return "len(a)"
    return "a.size" if axis is None else f"size(a, {axis})"


REDUCTIONS = (
    Structural(
        "sum",
        reduced_shape,
        lambda attrs: f"a.sum({_axis_text(attrs)})",
        _sum_adjoint,
        sign="Σ",
        keywords={"axis": None, "keepdims": False},
        role="distributes the gradient to every element",
    ),
    Structural(
        "mean",
        reduced_shape,
        lambda attrs: f"a.mean({_axis_text(attrs)})",
        _mean_adjoint,
        sign="mean",
        keywords={"axis": None, "keepdims": False},
        role="distributes the gradient, divided by the count",
    ),
    *(
        Structural(
            name,
            reduced_shape,
            lambda attrs, call=name[1:]: f"a.{call}({_axis_text(attrs)})",  # type: ignore[misc]
            _extreme_adjoint,
            sign=name[1:],
            keywords={"axis": None, "keepdims": False},
            role="routes the gradient to the winner",
        )
        for name in ("amax", "amin")
    ),
    Structural(
        "broadcast",
        _broadcast_shape,
        _broadcast_text,
        _broadcast_adjoint,
        sign="copy",
        arity=(2, 2),
        keywords={"axis": ()},
        role="copies; backward it sums",
    ),
    Structural(
        "size",
        scalar_shape,
        _size_text,
        _no_adjoint,
        sign="size",
        keywords={"axis": None},
        role="counts elements; passes no gradient",
    ),
)


# ---- classification ----


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
        u = _spread(tape, call, u)
    return (tape.gate("mul", u, tape.gate("softmax", z, axis=axis)),)


def _logsumexp_opened(tape: Tape, call: Call) -> str:
    return tape.gate(
        "log", tape.gate("sum", tape.gate("exp", call.args[0]), **call.attrs)
    )


def _one_hot_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    labels, like = shapes
    if labels != like[:-1]:
        raise ShapeMismatchError(
            f"labels {show_shape(labels)} do not fit scores {show_shape(like)}: "
            f"one label per row is {show_shape(like[:-1])}"
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
        lambda attrs: f"logsumexp(a, {_axis_text(attrs)})",
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
        _no_adjoint,
        sign="one-hot",
        arity=(2, 2),
        role="turns labels into rows; passes no gradient",
    ),
)

STRUCTURAL = (*PRODUCTS, *REDUCTIONS, *CLASSIFICATION)
