"""Index notation: build a tensor formula, evaluate it.

A formula is a sympy expression of ``Indexed``, ``Sum`` from 0 and ``KroneckerDelta``;
an entry outside a tensor reads 0.

>>> n, a = indices("n a")
>>> X, U = sympy.IndexedBase("X"), sympy.IndexedBase("U")
>>> formula = total(U[n] * X[n, a], (n, 2))
>>> value(formula, {"U": {(0,): 1, (1,): 2}, "X": {(0, 0): 3, (1, 0): 4}}, {"a": 0})
11
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product
from math import prod
from typing import Any

import sympy
from sympy import KroneckerDelta

# ---- build ----

#: How many values each index takes, from 0.
Sizes = Mapping[sympy.Symbol, sympy.Expr]


class IndexClashError(ValueError):
    """A formula that sums over an index that already means something there."""


def indices(names: str) -> tuple[sympy.Symbol, ...]:
    """Return index symbols.

    >>> indices("n k")
    (n, k)
    """
    return tuple(sympy.Symbol(name, integer=True) for name in names.split())


def size(name: str) -> sympy.Symbol:
    """Return the symbol of a positive whole number: a size, stride or dilation.

    >>> size("N").is_positive
    True
    """
    return sympy.Symbol(name, integer=True, positive=True)


def total(body: sympy.Expr, *over: tuple[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """Return the sum of body over indices of given sizes.

    >>> n, = indices("n")
    >>> total(sympy.IndexedBase("X")[n], (n, 4))
    Sum(X[n], (n, 0, 3))
    """
    if not over or body == 0:
        return body
    return sympy.Sum(body, *((index, 0, count - 1) for index, count in over))


def limits(expr: sympy.Sum) -> list[tuple[sympy.Symbol, sympy.Expr]]:
    """Return each summed index with its size.

    >>> limits(sympy.Sum(1, (sympy.Symbol("n"), 0, 3)))
    [(n, 4)]
    """
    if any(low != 0 for _, low, _ in expr.limits):
        raise ValueError(f"sums start at 0, not {expr}")
    return [(index, high + 1) for index, _, high in expr.limits]


def refuse_clash(expr: sympy.Expr, taken: Collection[sympy.Symbol]) -> None:
    """Raise IndexClashError if a sum uses a taken index, or one of a sum around it.

    >>> refuse_clash(total(*indices("n"), (indices("m")[0], 4)), indices("n"))
    """
    if isinstance(expr, sympy.Sum):
        if clash := set(expr.bound_symbols) & set(taken):
            raise IndexClashError(f"{clash.pop()} is summed over, and taken")
        taken = {*taken, *expr.bound_symbols}
    for arg in expr.args[:1] if isinstance(expr, sympy.Sum) else expr.args:
        refuse_clash(arg, taken)


# ---- value ----

#: Entries of a tensor by position; a position that is absent reads 0.
Entries = Mapping[tuple[int, ...], Any]


def value(
    expr: sympy.Expr, tensors: Mapping[str, Entries], numbers: Mapping[str, Any]
) -> Any:
    """Return the value of a formula, exact if the entries are.

    Parameters
    ----------
    tensors : mapping
        The entries of each tensor: numbers, or sympy symbols to unroll the formula.
    numbers : mapping
        The sizes and the free indices by name.

    Examples
    --------
    >>> n, = indices("n")
    >>> value(total(n ** 2, (n, 4)), {}, {})
    14
    """
    if isinstance(expr, sympy.Sum):
        return _sum_of(expr, tensors, numbers)
    if isinstance(expr, sympy.Symbol):
        return numbers[expr.name]
    if expr.is_Integer:
        return int(expr)
    if expr.is_number:
        return expr
    if isinstance(expr, sympy.Mul):
        return _product_of(expr, tensors, numbers)
    inner = expr.indices if isinstance(expr, sympy.Indexed) else expr.args
    args = [value(arg, tensors, numbers) for arg in inner]
    if isinstance(expr, sympy.Indexed):
        return tensors[expr.base.name].get(tuple(args), 0)
    if isinstance(expr, KroneckerDelta):
        return int(args[0] == args[1])
    return sum(args) if isinstance(expr, sympy.Add) else expr.func(*args)


def _sum_of(
    expr: sympy.Sum, tensors: Mapping[str, Entries], numbers: Mapping[str, Any]
) -> Any:
    pairs = [(i.name, value(count, tensors, numbers)) for i, count in limits(expr)]
    places = product(*(range(count) for _, count in pairs))
    return sum(
        value(
            expr.function,
            tensors,
            {**numbers, **dict(zip(dict(pairs), place, strict=True))},
        )
        for place in places
    )


def _product_of(
    expr: sympy.Mul, tensors: Mapping[str, Entries], numbers: Mapping[str, Any]
) -> Any:
    """Deltas first: most of them are 0, and the rest need not be looked at."""
    deltas = [arg for arg in expr.args if isinstance(arg, KroneckerDelta)]
    if not all(value(delta, tensors, numbers) for delta in deltas):
        return 0
    others = (arg for arg in expr.args if not isinstance(arg, KroneckerDelta))
    return prod(value(arg, tensors, numbers) for arg in others)
