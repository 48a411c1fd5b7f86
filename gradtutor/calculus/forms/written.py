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
from gradtutor.graph import Graph, operands, topological_order

#: Largest graph whose order is looked up.
MOST = 60
SUMS = {"add": 1, "sub": -1}
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
    found = Written()
    output = graph.graph.get("output")
    nodes = list(topological_order(graph, [output])) if output in graph else []
    if len(nodes) > MOST:
        return found
    forms = ClosedForms(graph)
    terms: dict[str, Terms] = {}
    factors: dict[str, Terms] = {}
    for node in nodes:
        gate, args = graph.nodes[node]["gate"], operands(graph, node)
        form = forms.of(node)
        if form is None:
            continue
        if gate == "copy":
            terms[node] = terms.get(args[0], (form,))
            factors[node] = factors.get(args[0], (form,))
        elif gate in SUMS and all(arg in terms for arg in args):
            first, second = (terms[arg] for arg in args)
            terms[node] = (*first, *(SUMS[gate] * one for one in second))
            found.sums.setdefault(frozenset(terms[node]), terms[node])
        elif gate == "neg":
            terms[node], factors[node] = (form,), factors.get(args[0], (form,))
        elif gate == "mul" and all(arg in factors for arg in args):
            factors[node] = factors[args[0]] + factors[args[1]]
            found.products.append(tuple(map(_base, factors[node])))
        terms.setdefault(node, (form,))
        factors.setdefault(node, (form,))
    longest = sorted(found.products, key=len, reverse=True)
    return Written(found.sums, longest)


def _base(factor: sympy.Expr) -> sympy.Expr:
    """Return x of x**2."""
    return factor.base if factor.is_Pow and factor.exp.is_number else factor
