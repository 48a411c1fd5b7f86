"""The order in which a person wrote the terms of sums and the factors of products.

>>> from gradtutor.language import parse
>>> found = written(parse("exp(-λ*x)/(1 + x**2)"))
>>> [[str(one) for one in order] for order in found.products]
[['λ', 'x']]
>>> [[str(one) for one in order] for order in found.sums.values()]
[['1', 'x**2']]
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy

from gradtutor.calculus.closed_form import ClosedForms
from gradtutor.calculus.forms.orders import written_products, written_sums
from gradtutor.graph import Graph

Terms = tuple[sympy.Expr, ...]


@dataclass(frozen=True)
class Written:
    """Sums by the set of their terms, and products, each in the order written."""

    sums: dict[frozenset[sympy.Expr], Terms] = field(default_factory=dict)
    products: list[Terms] = field(default_factory=list)

    def sum(self, total: sympy.Expr) -> Terms | None:
        """Return a sum's terms as they were written; None for any other sum."""
        return self.sums.get(frozenset(total.args))

    def product(self, factors: list[sympy.Expr]) -> list[sympy.Expr] | None:
        """Return factors in the order of the first product that had them all."""
        bases = [_base(one) for one in factors]
        for order in self.products:
            if set(bases) <= set(order):
                return sorted(factors, key=lambda one: order.index(_base(one)))
        return None


def written(graph: Graph) -> Written:
    """Read off a formula's graph how its sums and products were written."""
    found, forms = Written(), ClosedForms(graph)
    for factors in written_products(graph):
        values = [forms.of(node) for node in factors]
        if None not in values:
            found.products.append(tuple(map(_base, values)))
    for terms in written_sums(graph):
        each = [(forms.of(node), sign) for node, sign in terms]
        total = tuple(value * sign for value, sign in each if value is not None)
        if len(total) == len(each):
            found.sums.setdefault(frozenset(total), total)
    return found


def _base(factor: sympy.Expr) -> sympy.Expr:
    """Return x of x**2."""
    return factor.base if factor.is_Pow and factor.exp.is_number else factor
