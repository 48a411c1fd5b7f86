"""The normal form of a formula in index notation: what decides equality.

>>> from gradtutor.calculus.index.notation import indices
>>> n, m = indices("n m")
>>> X = sympy.IndexedBase("X")
>>> canonical(total(X[m] * X[n], (m, 4), (n, 4)), {}) == canonical(
...     total(X[n], (n, 4)) ** 2, {}
... )
True
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, permutations, product
from typing import Any

import sympy
from sympy import KroneckerDelta

from gradtutor.calculus.index.differentiation import Term, contract, terms
from gradtutor.calculus.index.notation import Sizes, refuse_clash, total


def canonical(expr: sympy.Expr, sizes: Sizes, depth: int = 0) -> sympy.Expr:
    """Return the normal form: multiplied out, contracted, summed indices numbered.

    Equal normal forms prove two formulas equal. The converse holds for sums of products
    of entries and deltas; it does not know identities of functions (log, tanh).

    Examples
    --------
    >>> from gradtutor.calculus.index.notation import indices
    >>> n, m = indices("n m")
    >>> X = sympy.IndexedBase("X")
    >>> canonical(total(X[n], (n, 4)), {}) == canonical(total(X[m], (m, 4)), {})
    True
    """
    refuse_clash(expr, sizes)
    parts = [contract(term, sizes) for term in terms(expr, expand=True)]
    return sympy.Add(*(_numbered(part, sizes, depth) for part in parts))


def _numbered(term: Term, sizes: Sizes, depth: int) -> sympy.Expr:
    """Name the summed indices by number, in the order that gives the least text."""
    known = dict(sizes)
    candidates = []
    for order in _orders(term.bound):
        new = {
            old: sympy.Symbol(f"_{depth}_{place}", integer=True)
            for place, (old, _) in enumerate(order)
        }
        known |= {new[old]: count for old, count in order}
        body = sympy.Mul(
            *(_settled(f.xreplace(new), known, depth + 1) for f in term.factors)
        )
        number, rest = body.as_coeff_Mul()
        over = [(new[old], count) for old, count in order]
        candidates.append(number * total(rest, *over))
    return min(candidates, key=sympy.srepr)


def _orders(bound: tuple[Any, ...]) -> Iterator[list[Any]]:
    """Yield every order of the summed indices in which the sizes ascend."""
    by_size = sorted(bound, key=lambda pair: str(pair[1]))
    groups = groupby(by_size, key=lambda pair: str(pair[1]))
    for choice in product(*(list(permutations(group)) for _, group in groups)):
        yield [pair for group in choice for pair in group]


def _settled(factor: sympy.Expr, sizes: Sizes, depth: int) -> sympy.Expr:
    """Normalise inside a function or power, and the sign inside a delta."""
    if isinstance(factor, KroneckerDelta):
        difference = sympy.expand(factor.args[0] - factor.args[1])
        return KroneckerDelta(0, min(difference, -difference, key=sympy.srepr))
    if isinstance(factor, sympy.Indexed):
        return factor.base[tuple(map(sympy.expand, factor.indices))]
    if isinstance(factor, (sympy.Function, sympy.Pow)):
        return factor.func(*(canonical(arg, sizes, depth) for arg in factor.args))
    return factor
