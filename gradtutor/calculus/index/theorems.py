"""Statements to prove: forward formulas and declared adjoints in index notation.

Those of products and of matrices are read off the gates; those of losses, convolutions
and two layers stand here.

>>> from gradtutor.calculus.index.writing import written
>>> written(STATEMENTS["matmul"][1].declared)
'Σ_n U[n,b] X[n,a]'
"""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy
from sympy import KroneckerDelta

from gradtutor.calculus.index.matrices import MATRIX_STATEMENTS
from gradtutor.calculus.index.notation import indices, size, total
from gradtutor.calculus.index.sentences import Chain, Sentence
from gradtutor.calculus.index.statement import (
    SCALAR,
    UPSTREAM,
    Statement,
    U,
    V,
    W,
    X,
    Y,
    Z,
)
from gradtutor.calculus.index.whole import Whole, function, name, number
from gradtutor.messages import mark


def _two_layers() -> dict[int, Statement]:
    """Z = tanh(tanh(X W) V), which sympy's matrix calculus does not differentiate."""
    n, k, d, h, a, b = indices("n k d h a b")
    N, K, D, H = map(size, "NKDH")

    def hidden(h: sympy.Symbol) -> sympy.Expr:
        return sympy.tanh(total(X[n, d] * W[d, h], (d, D)))

    result = sympy.tanh(total(hidden(h) * V[h, k], (h, H)))
    back = total(U[n, k] * (1 - result**2) * V[b, k], (k, K))
    about = partial(
        Statement,
        "two_layers",
        Z[n, k],
        result,
        {"X": (N, D), "W": (D, H), "V": (H, K), "U": (N, K)},
        {"N": 2, "D": 2, "H": 2, "K": 2},
    )
    dw = total(X[n, a] * (1 - hidden(b) ** 2) * back, (n, N))
    x, w, v, u, z = map(name, "XWVUZ")
    one, inner = number(1), function("tanh", x @ w)
    note = x.T @ ((u * (one - z.squared)) @ v.T * (one - inner.squared))
    return {1: about(1, W[a, b], dw, Chain(note))}


# ---- losses ----


def _cross_entropy() -> dict[int, Statement]:
    """L = −1/N Σ_n (Z[n,Y[n]] − log Σ_k exp Z[n,k])."""
    n, k, a, b = indices("n k a b")
    N, K = map(size, "NK")

    def norm(n: sympy.Symbol) -> sympy.Expr:
        return total(sympy.exp(Z[n, k]), (k, K))

    about = partial(
        Statement,
        "cross_entropy",
        SCALAR,
        -total(Z[n, Y[n]] - sympy.log(norm(n)), (n, N)) / N,
        {"Z": (N, K), "Y": (N,)},
        {"N": 3, "K": 3},
    )
    softmax, truth = sympy.exp(Z[a, b]) / norm(a), KroneckerDelta(b, Y[a])
    dz = UPSTREAM * (softmax - truth) / N
    error = function("softmax", name("Z")) - function("one_hot", name("Y"))
    return {0: about(0, Z[a, b], dz, Chain(name("U") @ error / name("N")))}


# ---- convolution: X is (C, L, N) or (C, L1, L2, N), W is (O, C, K) ----

_SMALL_1D = {"L": 5, "K": 3, "M": 2, "s": 2, "d": 2, "pad": 1}
_SMALL_2D = {"L1": 4, "K1": 2, "M1": 2, "s1": 2, "d1": 2, "pad1": 1} | {
    "L2": 3,
    "K2": 2,
    "M2": 2,
    "s2": 1,
    "d2": 1,
    "pad2": 0,
}


n, o, c, a, b = indices("n o c a b")
N, O, C = map(size, "NOC")  # noqa: E741 - O as in the layout (O, C, K)


def _convolution(rank: int) -> dict[int, Statement]:
    """Z[o,h,n] = Σ_c Σ_i W[o,c,i] X[c, s h + d i − pad, n], h and i one per axis.

    ``pad`` is the padding before; the padding after shows only in the size M of the
    result, which is any. Without a batch, n takes one value.
    """
    taps, places, x_places, w_taps = _letters(rank)
    L, K, M = (_per_axis(letter, rank) for letter in "LKM")
    over = (c, C), *zip(taps, K, strict=True)
    about = partial(
        Statement,
        f"conv{rank}d",
        Z[(o, *places, n)],
        total(W[(o, c, *taps)] * X[(c, *_read(places, taps), n)], *over),
        {"X": (C, *L, N), "W": (O, C, *K), "U": (O, *M, N)},
        {"C": 2, "O": 2, "N": 2, **(_SMALL_1D if rank == 1 else _SMALL_2D)},
        where=Sentence(
            mark("{tensor} is 0 outside its places"), {"tensor": Chain(name("X"))}
        ),
    )
    dx, dw = _folded(rank), _windowed(rank)
    products = Whole("sum_over", (name("W") @ name("U"),), "o")
    folded = Sentence(
        mark("{fold}, the padding cut off"), {"fold": Chain(function("fold", products))}
    )
    read = Whole("sum", (name("U") @ function("windows", name("X")),))
    return {
        0: about(0, X[(a, *x_places, b)], dx, folded),
        1: about(1, W[(a, b, *w_taps)], dw, Chain(read)),
    }


def _folded(rank: int) -> sympy.Expr:
    """Return x̄[a,p,b]: each product of W and U added where its window was cut."""
    taps, places, x_places, _ = _letters(rank)
    three = zip(x_places, _per_axis("pad", rank), _window(places, taps), strict=True)
    fold = (KroneckerDelta(p + pad, place) for p, pad, place in three)
    body = sympy.Mul(U[(o, *places, b)], W[(o, a, *taps)], *fold)
    over = zip(taps + places, _per_axis("K", rank) + _per_axis("M", rank), strict=True)
    return total(body, (o, O), *over)


def _windowed(rank: int) -> sympy.Expr:
    """Return w̄[a,b,t]: what each tap read, times the gradient it went to."""
    _, places, _, w_taps = _letters(rank)
    body = U[(a, *places, n)] * X[(b, *_read(places, w_taps), n)]
    return total(body, *zip(places, _per_axis("M", rank), strict=True), (n, N))


def _letters(rank: int) -> list[tuple[sympy.Symbol, ...]]:
    """Return the indices of taps and places, then of a place of x and a tap of w."""
    rows = ("ij", "hw", "pq", "tr")
    return [indices(" ".join(row[:rank])) for row in rows]


def _per_axis(letter: str, rank: int) -> tuple[sympy.Symbol, ...]:
    """Return L, or L1 and L2; a padding may be 0."""
    marks = [""] if rank == 1 else [str(axis + 1) for axis in range(rank)]
    if letter == "pad":
        return tuple(
            sympy.Symbol(letter + m, integer=True, nonnegative=True) for m in marks
        )
    return tuple(size(letter + mark) for mark in marks)


def _window(places: tuple[Any, ...], taps: tuple[Any, ...]) -> list[sympy.Expr]:
    """Return the place in the padded x that a tap reads, per axis."""
    strides, dilations = (_per_axis(letter, len(taps)) for letter in "sd")
    four = zip(strides, places, dilations, taps, strict=True)
    return [s * h + d * i for s, h, d, i in four]


def _read(places: tuple[Any, ...], taps: tuple[Any, ...]) -> list[sympy.Expr]:
    """Return the place in x itself."""
    pads = _per_axis("pad", len(taps))
    return [q - pad for q, pad in zip(_window(places, taps), pads, strict=True)]


#: By gate and operand.
STATEMENTS: dict[str, dict[int, Statement]] = {
    **MATRIX_STATEMENTS,
    "conv1d": _convolution(1),
    "conv2d": _convolution(2),
    "cross_entropy": _cross_entropy(),
    "two_layers": _two_layers(),
}
