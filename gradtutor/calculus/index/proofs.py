"""Proofs that the declared adjoints of tensor gates are the derived ones.

They hold for every size, stride, padding and dilation: all are symbols. The rule is
x̄ = ∂⟨U, Z⟩/∂x (Giles 2008, "Collected matrix derivative results").

>>> print(proof_text(proof_of("matmul", 1)))
matmul, operand 1: proved
Z[n,k] = Σ_d X[n,d] W[d,k]
∂Z[n,k]/∂W[a,b] = Σ_d X[n,d] δ[a,d] δ[b,k] = X[n,a] δ[b,k]
W̄[a,b] = Σ_n Σ_k U[n,k] X[n,a] δ[b,k] = Σ_n U[n,b] X[n,a]
declared: Σ_n U[n,b] X[n,a], which is Xᵀ U
both have the same normal form
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import sympy

from gradtutor.calculus.index.differentiation import contracted, slope
from gradtutor.calculus.index.normal_form import canonical
from gradtutor.calculus.index.notation import Entries, total, value
from gradtutor.calculus.index.sentences import (
    Chain,
    Gradient,
    Line,
    Sentence,
    Slope,
)
from gradtutor.calculus.index.statement import UPSTREAM, Statement, U
from gradtutor.calculus.index.theorems import STATEMENTS
from gradtutor.calculus.index.unknowns import determinant, inverse
from gradtutor.graph import Graph, operands
from gradtutor.messages import mark, tr


@dataclass(frozen=True)
class Proof:
    """The derived and the declared adjoint, whether they are equal, and the way there.

    ``lines`` are to be read, in any script; the formulas are sympy expressions.
    """

    name: str
    operand: int
    forward: sympy.Expr
    derived: sympy.Expr
    declared: sympy.Expr
    equal: bool
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """What the proof is about, and whether it holds."""
        place = {"name": self.name, "place": self.operand}
        if self.equal:
            return tr("{name}, operand {place}: proved", **place)
        return tr("{name}, operand {place}: NOT proved", **place)

    @property
    def steps(self) -> tuple[str, ...]:
        """The lines as plain text in the language that is spoken."""
        return tuple(line.written() for line in self.lines)


#: Products by the ranks of their factors.
MATMULS = {
    (2, 2): "matmul",
    (2, 1): "matrix_vector",
    (1, 2): "vector_matrix",
    (1, 1): "inner_product",
}
#: Functions of matrices, by the ranks of their arguments.
MATRICES: dict[tuple[Any, ...], str] = {
    ("outer", 1, 1): "outer",
    ("sum", 1): "sum_vector",
    ("sum", 2): "sum",
    ("diag", 1): "diag",
    ("diag", 2): "diagonal",
    ("solve", 2, 2): "solve",
    ("solve", 2, 1): "solve_vector",
    ("kron", 2, 2): "kron",
    ("kron", 1, 1): "kron_vectors",
    **{(name, 2): name for name in ("trace", "inv", "det", "cofactor", "logdet")},
}
#: The statements by gate and operand, each ready for ``prove`` and ``check``.
PROOFS = STATEMENTS


@cache
def proof_of(gate: str, operand: int) -> Proof:
    """Return the proof about one operand of a gate.

    Raises
    ------
    KeyError
        When there is no statement about it, as for the labels of a loss.

    Examples
    --------
    >>> proof_of("conv2d", 0).equal
    True
    """
    return prove(PROOFS[gate][operand])


def proofs_for(graph: Graph, *, sums: bool = True) -> list[Proof]:
    """Return the proofs about the tensor gates of a graph, each gate once.

    A product of matrices and vectors, a trace, a determinant, an inverse and the like,
    a convolution, a cross-entropy of rows: by every operand that there is a statement
    about.

    Parameters
    ----------
    sums : bool
        Whether sums of all numbers of a tensor are proved, too.
    """
    found: dict[str, None] = {}
    for node in graph:
        data = graph.nodes[node]
        shapes = [graph.nodes[arg]["shape"] for arg in operands(graph, node)]
        ranks = [len(shape) for shape in shapes if shape is not None]
        if data["gate"] == "matmul" and len(ranks) == 2:
            found[MATMULS[ranks[0], ranks[1]]] = None
        elif data["gate"] == "sum" and not (sums and _is_whole(data)):
            continue
        elif (data["gate"], *ranks) in MATRICES:
            found[MATRICES[data["gate"], *ranks]] = None
        elif data["gate"] == "conv" and ranks:
            found[f"conv{ranks[1] - 2}d"] = None
        elif data["gate"] == "cross_entropy" and ranks == [2, 1]:
            found["cross_entropy"] = None
    return [proof_of(gate, operand) for gate in found for operand in PROOFS[gate]]


def _is_whole(data: Mapping[str, Any]) -> bool:
    return data.get("attrs", {}).get("axis") is None


def proof_text(proof: Proof) -> str:
    """Return the proof as lines to read, its title first.

    >>> proof_text(proof_of("cross_entropy", 0)).splitlines()[0]
    'cross_entropy, operand 0: proved'
    """
    return "\n".join((proof.title, *proof.steps))


# ---- first witness: normal forms ----


def prove(statement: Statement) -> Proof:
    """Derive the adjoint and compare its normal form with the declared one's.

    >>> prove(PROOFS["conv1d"][0]).equal
    True
    """
    target, outputs = statement.target, _axes(statement, "U")
    sizes = _axes(statement, target.base.name)
    raw = slope(statement.forward, target)
    partial = contracted(raw, {**sizes, **outputs})
    summed = total(_above(outputs) * partial, *outputs.items())
    derived = contracted(summed, sizes)
    forms = (slope(_inner_product(statement), target), derived, statement.declared)
    equal = len({canonical(form, sizes) for form in forms}) == 1
    return Proof(
        statement.name,
        statement.operand,
        statement.forward,
        derived,
        statement.declared,
        equal,
        _lines(statement, (raw, partial, summed, derived), equal=equal),
    )


def _axes(statement: Statement, tensor: str) -> dict[Any, Any]:
    """Return the indices of the result (U) or of the operand, each with its size."""
    entry = statement.output if tensor == "U" else statement.target
    if not isinstance(entry, sympy.Indexed):
        return {}
    return dict(zip(entry.indices, statement.shapes[tensor], strict=True))


def _above(outputs: Mapping[Any, Any]) -> sympy.Expr:
    """Return the gradient that arrives at the result: U[n,k], or U at a scalar."""
    return U[tuple(outputs)] if outputs else UPSTREAM


def _inner_product(statement: Statement) -> sympy.Expr:
    """Return ⟨U, Z⟩."""
    outputs = _axes(statement, "U")
    return total(_above(outputs) * statement.forward, *outputs.items())


def _lines(
    statement: Statement, found: tuple[sympy.Expr, ...], *, equal: bool
) -> tuple[Line, ...]:
    output, target, where = statement.output, statement.target, statement.where
    raw, partial, summed, derived = found
    forward: Line = Chain(output, statement.forward)
    if where:
        words = mark("{formula}, where {where}")
        forward = Sentence(words, {"formula": forward, "where": where})
    declared: dict[str, Line] = {"formula": Chain(statement.declared)}
    words = mark("declared: {formula}")
    if statement.note:
        declared["note"] = statement.note
        words = mark("declared: {formula}, which is {note}")
    same = mark("both have the same normal form")
    return (
        forward,
        Chain(Slope(output, target), raw, partial),
        Chain(Gradient(target), summed, derived),
        Sentence(words, declared),
        Sentence(same if equal else mark("the normal forms differ")),
    )


# ---- second witness: every entry at a small size ----


def check(statement: Statement, numbers: Mapping[str, int] | None = None) -> bool:
    """Unroll at small sizes, let sympy differentiate by every entry, and compare.

    It shares no rule of differentiation or contraction with ``prove``, and is exact:
    the entries are symbols.

    Parameters
    ----------
    numbers : mapping
        The size symbols' values; by default ``statement.small``.

    Examples
    --------
    >>> check(PROOFS["cross_entropy"][0])
    True
    """
    numbers = statement.small if numbers is None else numbers
    tensors = _symbolic_entries(statement, numbers)
    scope = {**numbers, UPSTREAM.name: UPSTREAM}
    if statement.of_inverse:
        _unknowns(tensors, scope)
    scalar = value(_inner_product(statement), tensors, scope)
    names = [index.name for index in statement.target.indices]

    def is_slope(place: tuple[int, ...], entry: sympy.Symbol) -> bool:
        at = {**scope, **dict(zip(names, place, strict=True))}
        declared = value(statement.declared, tensors, at)
        rest = sympy.expand(sympy.diff(scalar, entry) - declared)
        return bool(rest == 0 or (statement.of_inverse and sympy.cancel(rest) == 0))

    operand = tensors[statement.target.base.name]
    return all(is_slope(place, entry) for place, entry in operand.items())


def _unknowns(tensors: dict[str, Entries], scope: dict[str, Any]) -> None:
    """Work out the inverse and the determinant of X from its symbols."""
    entries = tensors.get("X", {})
    rows = {place[0] for place in entries}
    if {len(place) for place in entries} != {2} or len(entries) != len(rows) ** 2:
        return
    matrix = sympy.Matrix(len(rows), len(rows), lambda i, j: entries[i, j])
    found, base = matrix.inv(), sympy.IndexedBase("X")
    tensors[str(inverse(base))] = {place: found[place] for place in entries}
    scope[determinant(base).name] = matrix.det()


def _symbolic_entries(
    statement: Statement, numbers: Mapping[str, int]
) -> dict[str, Entries]:
    """Make a symbol for each entry; the labels Y are 0 and 1 by turns."""
    tensors: dict[str, Entries] = {}
    for name, shape in statement.shapes.items():
        places = product(*(range(value(count, {}, numbers)) for count in shape))
        tensors[name] = {
            place: place[0] % 2 if name == "Y" else sympy.Symbol(f"{name}{place}")
            for place in places
        }
    return tensors
