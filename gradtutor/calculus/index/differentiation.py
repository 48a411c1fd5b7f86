"""Index calculus: differentiate tensor formulas, contract the deltas.

An entry outside a tensor reads 0, so ∂X[e]/∂X[p] = δ[e,p] holds for every e.

>>> from gradtutor.calculus.index.notation import indices, size
>>> from gradtutor.calculus.index.writing import written
>>> n, k, d, a, b = indices("n k d a b")
>>> N, K, D = map(size, "NKD")
>>> U, X, W = map(sympy.IndexedBase, "UXW")
>>> Z = total(X[n, d] * W[d, k], (d, D))
>>> dW = total(U[n, k] * slope(Z, W[a, b]), (n, N), (k, K))
>>> written(contracted(dW, {a: D, b: K}))
'Σ_n U[n,b] X[n,a]'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import sympy
from sympy import KroneckerDelta

from gradtutor.calculus.index.notation import (
    Sizes,
    limits,
    refuse_clash,
    total,
)
from gradtutor.calculus.index.unknowns import depends, slope_of_unknown

# ---- differentiate ----


def slope(expr: sympy.Expr, target: sympy.Indexed) -> sympy.Expr:
    """Return ∂expr/∂target by the linear, product and chain rules, deltas uncontracted.

    Parameters
    ----------
    target : sympy.Indexed
        One entry, such as X[a, b]; its indices are free, each within its axis.

    Raises
    ------
    IndexClashError
        When the formula sums over an index of the target.

    Examples
    --------
    >>> from gradtutor.calculus.index.notation import indices
    >>> n, a = indices("n a")
    >>> X = sympy.IndexedBase("X")
    >>> slope(X[n] ** 2, X[a])
    2*KroneckerDelta(a, n)*X[n]
    """
    refuse_clash(expr, target.free_symbols)
    return _slope(expr, target)


def _slope(expr: sympy.Expr, target: sympy.Indexed) -> sympy.Expr:
    if not depends(expr, target):
        return sympy.S.Zero
    unknown = slope_of_unknown(expr, target)
    if unknown is not None:
        return unknown
    if isinstance(expr, sympy.Indexed):
        pairs = zip(expr.indices, target.indices, strict=True)
        return sympy.Mul(*(KroneckerDelta(i, j) for i, j in pairs))
    if isinstance(expr, sympy.Sum):
        return expr.func(_slope(expr.function, target), *expr.limits)
    if isinstance(expr, sympy.Add):
        return sympy.Add(*(_slope(term, target) for term in expr.args))
    if isinstance(expr, sympy.Mul):
        args = expr.args
        slopes = (_slope(factor, target) for factor in args)
        return sympy.Add(
            *(
                one * expr.func(*args[:i], *args[i + 1 :])
                for i, one in enumerate(slopes)
            )
        )
    if isinstance(expr, sympy.Pow) and expr.exp.is_number:
        return expr.exp * expr.base ** (expr.exp - 1) * _slope(expr.base, target)
    if isinstance(expr, sympy.Function) and len(expr.args) == 1:
        return expr.fdiff() * _slope(expr.args[0], target)
    raise NotImplementedError(f"no rule for ∂({expr})/∂{target}")


# ---- flatten into Σ of products, contract ----


@dataclass(frozen=True)
class Term:
    """Σ over the bound indices of a product; no two terms share a bound index."""

    factors: tuple[sympy.Expr, ...]
    bound: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()


def terms(expr: sympy.Expr, *, expand: bool) -> list[Term]:
    """Multiply out; unless ``expand``, leave brackets without a delta as they are."""
    if isinstance(expr, sympy.Sum):
        fresh = {
            index: sympy.Dummy(index.name, integer=True) for index in expr.bound_symbols
        }
        bound = tuple((fresh[index], count) for index, count in limits(expr))
        inner = terms(expr.function.xreplace(fresh), expand=expand)
        return [Term(term.factors, bound + term.bound) for term in inner]
    if isinstance(expr, sympy.Add) and (expand or expr.has(KroneckerDelta)):
        return [term for arg in expr.args for term in terms(arg, expand=expand)]
    if isinstance(expr, sympy.Mul):
        return _product([terms(arg, expand=expand) for arg in expr.args])
    if expand and isinstance(expr, sympy.Pow) and expr.exp.is_Integer and expr.exp > 0:
        return _product([terms(expr.base, expand=True) for _ in range(expr.exp)])
    return [Term((expr,))]


def _product(brackets: list[list[Term]]) -> list[Term]:
    return [
        Term(
            tuple(factor for term in choice for factor in term.factors),
            tuple(pair for term in choice for pair in term.bound),
        )
        for choice in product(*brackets)
    ]


def contract(term: Term, sizes: Sizes) -> Term:
    """Let each δ[i, j] with i summed over the range of j replace i by j."""
    while found := _contractible(term, sizes):
        old, new = found
        factors = tuple(factor.xreplace({old: new}) for factor in term.factors)
        bound = tuple(pair for pair in term.bound if pair[0] != old)
        term = Term(tuple(f for f in factors if f != 1), bound)
    used = set().union(*(factor.free_symbols for factor in term.factors))
    idle = tuple(count for index, count in term.bound if index not in used)
    bound = tuple(pair for pair in term.bound if pair[0] in used)
    return Term(_alike(term.factors, sizes) + idle, bound)


def _contractible(term: Term, sizes: Sizes) -> tuple[sympy.Symbol, sympy.Symbol] | None:
    """Find a summed index and the index of the same size that a delta ties it to."""
    bound = dict(term.bound)
    known = dict(sizes) | bound
    for left, right in _ties(term.factors, known):
        if known[left] == known[right] and (left in bound or right in bound):
            return (left, right) if left in bound else (right, left)
    return None


def _ties(
    factors: tuple[sympy.Expr, ...], known: Sizes
) -> Iterator[tuple[sympy.Symbol, sympy.Symbol]]:
    """Yield i, j of each delta that says i = j for two indices of known size."""
    for factor in factors:
        if isinstance(factor, KroneckerDelta):
            difference = sympy.expand(factor.args[0] - factor.args[1])
            pair = sorted(difference.free_symbols & known.keys(), key=str)
            if len(pair) == 2 and difference in (pair[0] - pair[1], pair[1] - pair[0]):
                yield pair[0], pair[1]


def _alike(factors: tuple[sympy.Expr, ...], sizes: Sizes) -> tuple[sympy.Expr, ...]:
    """Write i for j beside δ[i, j] of free indices; drop repeated deltas."""
    for i, j in _ties(factors, sizes):
        factors = tuple(
            f if isinstance(f, KroneckerDelta) else f.xreplace({j: i}) for f in factors
        )
    deltas = {f for f in factors if isinstance(f, KroneckerDelta)}
    return tuple(f for f in factors if f not in deltas) + tuple(sorted(deltas, key=str))


def contracted(expr: sympy.Expr, sizes: Sizes) -> sympy.Expr:
    """Return the formula with its deltas contracted, under the names it came with.

    Parameters
    ----------
    sizes : mapping
        The size of each free index: a delta is contracted only between equal ranges.

    Examples
    --------
    >>> from gradtutor.calculus.index.notation import indices
    >>> n, a = indices("n a")
    >>> X = sympy.IndexedBase("X")
    >>> contracted(total(X[n] * KroneckerDelta(n, a), (n, 4)), {a: 4})
    X[a]
    >>> contracted(total(X[n] * KroneckerDelta(n, a), (n, 4)), {a: 5})
    Sum(KroneckerDelta(a, n)*X[n], (n, 0, 3))
    """
    refuse_clash(expr, sizes)
    parts = [contract(term, sizes) for term in terms(expr, expand=False)]
    return sympy.Add(*(_named(part, sizes) for part in parts))


def _named(term: Term, sizes: Sizes) -> sympy.Expr:
    """Give summed indices their plain names again, with a prime where one is taken."""
    body = sympy.Mul(*term.factors)
    known = body.atoms(sympy.Symbol) | sizes.keys()
    taken = {symbol.name for symbol in known if not isinstance(symbol, sympy.Dummy)}
    plain = {}
    for index, _ in term.bound:
        name = index.name
        while name in taken:
            name += "′"
        taken.add(name)
        plain[index] = sympy.Symbol(name, integer=True)
    return total(body.xreplace(plain), *((plain[i], count) for i, count in term.bound))
