"""A tape of index notation: each gate is the formula of one entry of its result.

A gate's adjoint is a function that appends gates to a tape; on this one it writes the
formula of an entry of the gradient.

>>> from gradtutor.calculus.index.notation import size, written
>>> tape, (N,) = IndexTape(), [size("N")]
>>> X = Tensor((N,), sympy.IndexedBase("X").__getitem__, "X")
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
from gradtutor.messages import tr

Sizes = tuple[sympy.Expr, ...]
Entry = Callable[..., sympy.Expr]


@dataclass(frozen=True)
class Tensor:
    """A tensor by its entries: its sizes, the formula of one entry, how it is written.

    ``inverse`` and ``det`` are there for a matrix whose inverse has a name.
    """

    sizes: Sizes
    entry: Entry
    text: str
    inverse: Tensor | None = None
    det: sympy.Expr | None = None

    @property
    def transposed(self) -> Tensor:
        """The matrix with its axes exchanged."""
        turned = self.inverse and _turned(self.inverse)
        return _turned(self, turned, self.det)


def _turned(
    one: Tensor, inverse: Tensor | None = None, det: sympy.Expr | None = None
) -> Tensor:
    text = one.text[:-1] if one.text.endswith("ᵀ") else f"{_factor(one.text)}ᵀ"
    text = text.replace("⁻¹ᵀ", "⁻ᵀ")
    if len(one.sizes) < 2:
        return one
    return Tensor(one.sizes[::-1], lambda i, j: one.entry(j, i), text, inverse, det)


def _factor(text: str) -> str:
    return f"({text})" if " " in text else text


def _side_by_side(a: Tensor, b: Tensor) -> str:
    return f"{_bracketed(a.text)} {_bracketed(b.text)}"


def _bracketed(text: str) -> str:
    return f"({text})" if " − " in text else text


class IndexTape:
    """A tape whose gates are formulas of entries; nodes are names of tensors."""

    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}

    def add(self, tensor: Tensor) -> str:
        """Append a tensor."""
        name = f"t{len(self.tensors)}"
        self.tensors[name] = tensor
        return name

    def shape(self, node: str) -> Any:
        """Return a tensor's sizes."""
        return self.tensors[node].sizes

    def number(self, value: float) -> str:
        """Append a constant."""
        return self.add(Tensor((), lambda: sympy.nsimplify(value), f"{value:g}"))

    def gate(self, name: str, *args: str, **attrs: Any) -> str:
        """Append a gate."""
        tensors = [self.tensors[arg] for arg in args]
        return self.add(FORMULAS[name](self, *tensors))

    def summed(self, *sizes: sympy.Expr) -> Iterator[tuple[sympy.Symbol, sympy.Expr]]:
        """Yield an index to sum over for each size: n for N, k for K."""
        for one in sizes:
            name = str(one).lower()
            yield sympy.Dummy(name, integer=True), one


# ---- one entry of each gate ----


def _matmul(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    ((index, over),) = tape.summed(a.sizes[-1])
    rows = len(a.sizes) - 1

    def entry(*at: sympy.Expr) -> sympy.Expr:
        left, right = a.entry(*at[:rows], index), b.entry(index, *at[rows:])
        return total(left * right, (index, over))

    return Tensor((*a.sizes[:-1], *b.sizes[1:]), entry, _side_by_side(a, b))


def _outer(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    text = tr("the outer product of {a} and {b}", a=a.text, b=b.text)
    return Tensor(a.sizes + b.sizes, lambda i, j: a.entry(i) * b.entry(j), text)


def _mul(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    both = bool(a.sizes and b.sizes)
    sizes = a.sizes or b.sizes
    sign = " ⊙ " if both else " "

    def entry(*at: sympy.Expr) -> sympy.Expr:
        sides = [one.entry(*at) if one.sizes else one.entry() for one in (a, b)]
        return sides[0] * sides[1]

    return Tensor(sizes, entry, f"{_bracketed(a.text)}{sign}{_bracketed(b.text)}")


def _sub(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    text = f"{a.text} − {b.text}"
    return Tensor(a.sizes, lambda *at: a.entry(*at) - b.entry(*at), text)


def _neg(tape: IndexTape, a: Tensor) -> Tensor:
    return Tensor(a.sizes, lambda *at: -a.entry(*at), f"−{_bracketed(a.text)}")


def _sum(tape: IndexTape, a: Tensor) -> Tensor:
    over = list(tape.summed(*a.sizes))
    body = a.entry(*(index for index, _ in over))
    return Tensor((), lambda: total(body, *over), f"Σ({a.text})")


def _diag(tape: IndexTape, a: Tensor) -> Tensor:
    if len(a.sizes) == 2:
        return Tensor(a.sizes[:1], lambda i: a.entry(i, i), f"diag({a.text})")

    def entry(i: sympy.Expr, j: sympy.Expr) -> sympy.Expr:
        return KroneckerDelta(i, j) * a.entry(i)

    return Tensor(a.sizes * 2, entry, f"diag({a.text})")


def _trace(tape: IndexTape, a: Tensor) -> Tensor:
    ((index, over),) = tape.summed(a.sizes[0])
    return Tensor((), lambda: total(a.entry(index, index), (index, over)), "tr")


def _inv(tape: IndexTape, a: Tensor) -> Tensor:
    assert a.inverse is not None
    return a.inverse


def _solve(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    return _matmul(tape, _inv(tape, a), b)


def _det(tape: IndexTape, a: Tensor) -> Tensor:
    return Tensor((), lambda: a.det, f"det {a.text}")


def _logdet(tape: IndexTape, a: Tensor) -> Tensor:
    return Tensor((), lambda: sympy.log(a.det), f"log det {a.text}")


def _cofactor(tape: IndexTape, a: Tensor) -> Tensor:
    """C = det(A) A⁻ᵀ: Cramer's rule."""
    turned = _inv(tape, a).transposed
    return Tensor(a.sizes, lambda i, j: a.det * turned.entry(i, j), f"cof({a.text})")


def _kron(tape: IndexTape, a: Tensor, b: Tensor) -> Tensor:
    """Z[ip, jq] = A[i, j] B[p, q], a pair of indices for each axis."""
    rank = len(a.sizes)
    sizes = tuple(one for pair in zip(a.sizes, b.sizes, strict=True) for one in pair)

    def entry(*at: sympy.Expr) -> sympy.Expr:
        return a.entry(*at[0 : 2 * rank : 2]) * b.entry(*at[1 : 2 * rank : 2])

    return Tensor(sizes, entry, f"{a.text} ⊗ {b.text}")


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

        text = tr("the blocks of {a}, weighted by {b}", a=u.text, b=other.text)
        return Tensor(u.sizes[part::2], entry, text)

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
        like.sizes, lambda *at: u.entry(), u.text
    ),
    "diag": _diag,
    "eye": lambda tape, a: Tensor(a.sizes, KroneckerDelta, "I"),
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
