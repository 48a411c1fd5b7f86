"""A tape of index notation: each gate is the formula of one entry of its result.

A gate's adjoint is a function that appends gates to a tape; on this one it writes the
formula of an entry of the gradient.

>>> from gradtutor.calculus.index.notation import size
>>> from gradtutor.calculus.index.writing import written
>>> tape, (N,) = IndexTape(), [size("N")]
>>> X = Tensor((N,), sympy.IndexedBase("X").__getitem__, name("X"))
>>> at = sympy.symbols("a b", integer=True)
>>> written(tape.tensors[tape.gate("diag", tape.add(X))].entry(*at))
'X[a] δ[a,b]'
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import KroneckerDelta

from gradtutor.calculus.index.notation import total
from gradtutor.calculus.index.sentences import Chain, Sentence
from gradtutor.calculus.index.whole import Whole, function, name, number
from gradtutor.messages import mark

Sizes = tuple[sympy.Expr, ...]
Entry = Callable[..., sympy.Expr]


@dataclass(frozen=True)
class Tensor:
    """A tensor by its entries: its sizes, the formula of one entry, and of it whole.

    ``inverse`` and ``det`` are there for a matrix whose inverse has a name; ``words``
    say what it is where books have no sign.
    """

    sizes: Sizes
    entry: Entry
    whole: Whole
    inverse: Tensor | None = None
    det: sympy.Expr | None = None
    words: Sentence | None = None

    @property
    def transposed(self) -> Tensor:
        """The matrix with its axes exchanged."""
        turned = self.inverse and _turned(self.inverse)
        return _turned(self, turned, self.det)


def _turned(
    one: Tensor, inverse: Tensor | None = None, det: sympy.Expr | None = None
) -> Tensor:
    if len(one.sizes) < 2:
        return one
    return Tensor(
        one.sizes[::-1], lambda i, j: one.entry(j, i), one.whole.T, inverse, det
    )


class IndexTape:
    """A tape whose gates are formulas of entries; nodes are names of tensors."""

    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}

    def add(self, tensor: Tensor) -> str:
        """Append a tensor."""
        node = f"t{len(self.tensors)}"
        self.tensors[node] = tensor
        return node

    def shape(self, node: str) -> Any:
        """Return a tensor's sizes."""
        return self.tensors[node].sizes

    def number(self, value: float) -> str:
        """Append a constant."""
        return self.add(Tensor((), lambda: sympy.nsimplify(value), number(value)))

    def gate(self, gate: str, *args: str, **attrs: Any) -> str:
        """Append a gate."""
        tensors = [self.tensors[arg] for arg in args]
        return self.add(FORMULAS[gate](self, *tensors))

    def summed(self, *sizes: sympy.Expr) -> Iterator[tuple[sympy.Symbol, sympy.Expr]]:
        """Yield an index to sum over for each size: n for N, k for K."""
        for one in sizes:
            yield sympy.Dummy(str(one).lower(), integer=True), one


# ---- one entry of each gate ----


def _matmul(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    ((index, over),) = tape.summed(a.sizes[-1])
    rows = len(a.sizes) - 1

    def entry(*at: sympy.Expr) -> sympy.Expr:
        left, right = a.entry(*at[:rows], index), b.entry(index, *at[rows:])
        return total(left * right, (index, over))

    return Tensor((*a.sizes[:-1], *b.sizes[1:]), entry, a.whole @ b.whole)


def _outer(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    sides = {"a": Chain(a.whole), "b": Chain(b.whole)}
    return Tensor(
        a.sizes + b.sizes,
        lambda i, j: a.entry(i) * b.entry(j),
        a.whole @ b.whole.T,
        words=Sentence(mark("the outer product of {a} and {b}"), sides),
    )


def _mul(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    both = bool(a.sizes and b.sizes)
    sizes = a.sizes or b.sizes
    whole = a.whole * b.whole if both else a.whole @ b.whole

    def entry(*at: sympy.Expr) -> sympy.Expr:
        sides = [one.entry(*at) if one.sizes else one.entry() for one in (a, b)]
        return sides[0] * sides[1]

    return Tensor(sizes, entry, whole)


def _sub(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    whole = a.whole - b.whole
    return Tensor(a.sizes, lambda *at: a.entry(*at) - b.entry(*at), whole)


def _neg(tape: IndexTape, a: Tensor) -> Tensor:
    return Tensor(a.sizes, lambda *at: -a.entry(*at), -a.whole)


def _sum(tape: IndexTape, a: Tensor) -> Tensor:
    over = list(tape.summed(*a.sizes))
    body = a.entry(*(index for index, _ in over))
    return Tensor((), lambda: total(body, *over), function("Σ", a.whole))


def _diag(tape: IndexTape, a: Tensor) -> Tensor:
    if len(a.sizes) == 2:
        return Tensor(a.sizes[:1], lambda i: a.entry(i, i), function("diag", a.whole))

    def entry(i: sympy.Expr, j: sympy.Expr) -> sympy.Expr:
        return KroneckerDelta(i, j) * a.entry(i)

    return Tensor(a.sizes * 2, entry, function("diag", a.whole))


def _trace(tape: IndexTape, a: Tensor) -> Tensor:
    ((index, over),) = tape.summed(a.sizes[0])
    return Tensor(
        (), lambda: total(a.entry(index, index), (index, over)), function("tr", a.whole)
    )


def _inv(tape: IndexTape, a: Tensor) -> Tensor:
    assert a.inverse is not None
    return a.inverse


def _solve(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    return _matmul(tape, _inv(tape, a), b)


def _det(tape: IndexTape, a: Tensor) -> Tensor:
    return Tensor((), lambda: a.det, function("det", a.whole))


def _logdet(tape: IndexTape, a: Tensor) -> Tensor:
    return Tensor(
        (), lambda: sympy.log(a.det), function("log", function("det", a.whole))
    )


def _cofactor(tape: IndexTape, a: Tensor) -> Tensor:
    """C = det(A) A⁻ᵀ: Cramer's rule."""
    turned = _inv(tape, a).transposed
    whole = function("cof", a.whole)
    return Tensor(a.sizes, lambda i, j: a.det * turned.entry(i, j), whole)


def _kron(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    """Z[ip, jq] = A[i, j] B[p, q], a pair of indices for each axis."""
    rank = len(a.sizes)
    sizes = tuple(one for pair in zip(a.sizes, b.sizes, strict=True) for one in pair)

    def entry(*at: sympy.Expr) -> sympy.Expr:
        return a.entry(*at[0 : 2 * rank : 2]) * b.entry(*at[1 : 2 * rank : 2])

    return Tensor(sizes, entry, Whole("kronecker", (a.whole, b.whole)))


def _block(part: int) -> Callable[..., Tensor]:
    """Sum the blocks of u, weighted by the other factor."""

    def formula(tape: IndexTape, u: Tensor, other: Tensor) -> Tensor:
        over = list(tape.summed(*other.sizes))
        inside = [index for index, _ in over]

        def entry(*at: sympy.Expr) -> sympy.Expr:
            pairs = zip(at, inside, strict=True)
            places = [
                one for pair in pairs for one in (pair if part == 0 else pair[::-1])
            ]
            return total(u.entry(*places) * other.entry(*inside), *over)

        sides = {"a": Chain(u.whole), "b": Chain(other.whole)}
        words = Sentence(mark("the blocks of {a}, weighted by {b}"), sides)
        return Tensor(u.sizes[part::2], entry, u.whole @ other.whole, words=words)

    return formula


FORMULAS: dict[str, Callable[..., Tensor]] = {
    "matmul": _matmul,
    "outer": _outer,
    "transpose": lambda tape, a: a.transposed,
    "mul": _mul,
    "sub": _sub,
    "neg": _neg,
    "sum": _sum,
    "broadcast": lambda tape, u, like: Tensor(
        like.sizes, lambda *at: u.entry(), u.whole
    ),
    "diag": _diag,
    "eye": lambda tape, a: Tensor(a.sizes, KroneckerDelta, name("I")),
    "trace": _trace,
    "inv": _inv,
    "solve": _solve,
    "det": _det,
    "logdet": _logdet,
    "cofactor": _cofactor,
    "kron": _kron,
    "kron_left": _block(0),
    "kron_right": _block(1),
}
