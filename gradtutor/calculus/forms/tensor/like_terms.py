"""Like terms of products of matrices: A @ x + B @ x is (A + B) @ x."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy

from gradtutor.calculus.forms.tensor.factors import Chain, Factor

if TYPE_CHECKING:
    from gradtutor.calculus.forms.tensor.algebra import Algebra


def collected(algebra: Algebra, expression: sympy.Expr) -> sympy.Expr:
    """Write A @ x + B @ x as (A + B) @ x."""
    for last in (True, False):
        groups: dict[Factor, list[tuple[sympy.Expr, Chain]]] = {}
        for term in sympy.Add.make_args(expression):
            number, rest = algebra.parted(term)
            chain = algebra.chains.get(rest, ())
            if len(chain) > 1:
                key, others = _end(chain, last=last)
                groups.setdefault(key, []).append((number, others))
        for key, group in groups.items():
            if len(group) > 1:
                expression = _together(algebra, expression, key, group, last=last)
    return expression


def _end(chain: Chain, *, last: bool) -> tuple[Factor, Chain]:
    return (chain[-1], chain[:-1]) if last else (chain[0], chain[1:])


def _together(
    algebra: Algebra,
    expression: sympy.Expr,
    key: Factor,
    group: list[tuple[sympy.Expr, Chain]],
    *,
    last: bool,
) -> sympy.Expr:
    whole = [(n, (*chain, key) if last else (key, *chain)) for n, chain in group]
    before = sum((algebra.value(chain, n) for n, chain in whole), sympy.S.Zero)
    if any(one.rank != 2 for _, chain in group for one in chain):
        return expression
    inner = sum((algebra.value(chain, n) for n, chain in group), sympy.S.Zero)
    number, factors = algebra.chain(inner, 2)
    joined = (*factors, key) if last else (key, *factors)
    return expression - before + algebra.value(joined, number)
