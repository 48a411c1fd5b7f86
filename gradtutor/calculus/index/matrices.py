"""Statements about products and functions of matrices, read off the gates themselves.

What is compared with the derived gradient is the adjoint that the backward pass runs,
written on a tape of index notation.

>>> from gradtutor.calculus.index.writing import written
>>> written(MATRIX_STATEMENTS["matmul"][1].declared)
'Σ_n U[n,b] X[n,a]'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from gradtutor.calculus.index.notation import indices, size
from gradtutor.calculus.index.sentences import Chain, Sentence, Slope
from gradtutor.calculus.index.statement import SCALAR, UPSTREAM, Statement, U, W, X, Z
from gradtutor.calculus.index.tape import IndexTape, Sizes, Tensor
from gradtutor.calculus.index.unknowns import determinant, inverse
from gradtutor.calculus.index.whole import Whole, name
from gradtutor.gates import GATES, Structural
from gradtutor.gates.gate import Call
from gradtutor.messages import mark

N, K, D, M = map(size, "NKDM")
#: By name: the gate, and the sizes of its operands.
GATE_SIZES: dict[str, tuple[str, tuple[Sizes, ...]]] = {
    "matmul": ("matmul", ((N, D), (D, K))),
    "matrix_vector": ("matmul", ((N, D), (D,))),
    "vector_matrix": ("matmul", ((D,), (D, K))),
    "inner_product": ("matmul", ((D,), (D,))),
    "outer": ("outer", ((N,), (K,))),
    "sum": ("sum", ((N, K),)),
    "sum_vector": ("sum", ((N,),)),
    "trace": ("trace", ((N, N),)),
    "diag": ("diag", ((N,),)),
    "diagonal": ("diag", ((N, N),)),
    "inv": ("inv", ((N, N),)),
    "solve": ("solve", ((N, N), (N, K))),
    "solve_vector": ("solve", ((N, N), (N,))),
    "det": ("det", ((N, N),)),
    "cofactor": ("cofactor", ((N, N),)),
    "logdet": ("logdet", ((N, N),)),
    "kron": ("kron", ((N, D), (M, K))),
    "kron_vectors": ("kron", ((N,), (M,))),
}
SMALL = {"N": 2, "D": 3, "K": 2, "M": 2}


def _known() -> dict[str, Sentence]:
    """Return what is known of an inverse and of a determinant, by gate."""
    a, b, i, j = indices("a b i j")
    inverted, det = inverse(X), determinant(X)
    of_inverse = Chain(Slope(inverted[i, j], X[a, b]), -inverted[i, a] * inverted[b, j])
    of_det = Chain(Slope(det, X[a, b]), det * inverted[b, a])
    identity = Chain(name("X") @ name(str(inverted)), name("I"))
    by_inverse = Sentence(
        mark("{identity}, so {slope}"), {"identity": identity, "slope": of_inverse}
    )
    by_row = Sentence(
        mark("det expands along row {row}, so {slope}"),
        {"row": Chain(a), "slope": of_det},
    )
    both = Sentence(
        mark("{first} and {second}"), {"first": of_det, "second": of_inverse}
    )
    return {
        "inv": by_inverse,
        "solve": by_inverse,
        "det": by_row,
        "logdet": by_row,
        "cofactor": both,
    }


#: Gates of an inverse or a determinant, and what is known of these.
KNOWN = _known()


def _operand(base: sympy.IndexedBase, sizes: Sizes, *, inverted: bool) -> Tensor:
    def entry(*at: sympy.Expr) -> sympy.Expr:
        return base[at]

    if not inverted:
        return Tensor(sizes, entry, name(str(base)))
    inverted_name = Whole("inverse", (name(str(base)),))
    known = Tensor(sizes, lambda *at: inverse(base)[at], inverted_name)
    return Tensor(sizes, entry, name(str(base)), known, determinant(base))


def _statements(about: str) -> dict[int, Statement]:
    """Return a gate's statements: its formula, and its own adjoint, entry by entry."""
    gate, shapes = GATE_SIZES[about]
    tape = IndexTape()
    operands = [
        _operand(base, sizes, inverted=gate in KNOWN)
        for base, sizes in zip((X, W), shapes, strict=False)
    ]
    args = [tape.add(one) for one in operands]
    out = tape.gate(gate, *args)
    result = tape.tensors[out]
    letters = _letters(result.sizes)
    above = Tensor(result.sizes, lambda *at: U[at] if at else UPSTREAM, name("U"))
    adjoint = _adjoint(gate)(tape, Call(tuple(args), out, {}), tape.add(above))
    scalar = not result.sizes
    sizes = {str(base): shape for base, shape in zip((X, W), shapes, strict=False)}
    if not scalar:
        sizes["U"] = result.sizes
    used = {str(one) for shape in shapes for one in shape}
    found = {}
    for place, (operand, node) in enumerate(zip(operands, adjoint, strict=True)):
        target = indices(" ".join("ab"[: len(operand.sizes)]))
        gradient = tape.tensors[str(node)]
        found[place] = Statement(
            about,
            SCALAR if scalar else Z[letters],
            _plain(result.entry(*letters), letters),
            sizes,
            {letter: number for letter, number in SMALL.items() if letter in used},
            place,
            (X, W)[place][target],
            _plain(gradient.entry(*target), target),
            gradient.words or Chain(gradient.whole),
            KNOWN.get(gate),
        )
    return found


def _adjoint(gate: str) -> Callable[..., Any]:
    declared = GATES[gate]
    assert isinstance(declared, Structural)
    assert declared.adjoint is not None
    return declared.adjoint


def _letters(sizes: Sizes) -> tuple[sympy.Symbol, ...]:
    """Name the indices of a result after its sizes; those of equal sizes i and j."""
    names = [str(one).lower() for one in sizes]
    if len(set(names)) < len(names):
        names = list("ij")
    return indices(" ".join(names)) if names else ()


def _age(dummy: sympy.Dummy) -> tuple[str, int]:
    return dummy.name, dummy.dummy_index


def _plain(expr: sympy.Expr, free: tuple[sympy.Symbol, ...]) -> sympy.Expr:
    """Give summed indices plain names, none twice in the formula and none taken."""
    taken = {symbol.name for symbol in free}
    for dummy in sorted(expr.atoms(sympy.Dummy), key=_age):
        letter = next(one for one in (dummy.name, *"ijpqrstvwz") if one not in taken)
        taken.add(letter)
        expr = expr.xreplace({dummy: sympy.Symbol(letter, integer=True)})
    return expr


MATRIX_STATEMENTS = {name: _statements(name) for name in GATE_SIZES}
