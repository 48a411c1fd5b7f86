"""In which order the nodes of sums and products stand in a formula, as it was written.

>>> from gradtutor.language import parse
>>> [len(factors) for factors in written_products(parse("exp(-λ*x)*a*b"))]
[3, 2, 2]
"""

from __future__ import annotations

from gradtutor.gates import COPY
from gradtutor.graph import Graph, operands, topological_order

#: Largest graph whose order is looked up.
MOST = 60
SIGNS = {"add": 1, "sub": -1}
Factors = tuple[str, ...]
#: Nodes with the sign of each.
Terms = tuple[tuple[str, int], ...]


def written_products(graph: Graph) -> list[Factors]:
    """Return the factors of each product of numbers, the longest product first."""
    factors: dict[str, Factors] = {}
    found = []
    for node in _scalars(graph):
        gate, args = graph.nodes[node]["gate"], operands(graph, node)
        if gate in (COPY, "neg"):
            factors[node] = factors.get(args[0], (node,))
        elif gate == "mul" and all(arg in factors for arg in args):
            factors[node] = factors[args[0]] + factors[args[1]]
            found.append(factors[node])
        else:
            factors[node] = (node,)
    return sorted(found, key=len, reverse=True)


def written_sums(graph: Graph) -> list[Terms]:
    """Return the terms of each sum of numbers."""
    terms: dict[str, Terms] = {}
    found = []
    for node in _scalars(graph):
        gate, args = graph.nodes[node]["gate"], operands(graph, node)
        if gate == COPY:
            terms[node] = terms.get(args[0], ((node, 1),))
        elif gate in SIGNS and all(arg in terms for arg in args):
            first, second = (terms[arg] for arg in args)
            turned = tuple((one, sign * SIGNS[gate]) for one, sign in second)
            terms[node] = first + turned
            found.append(terms[node])
        else:
            terms[node] = ((node, 1),)
    return found


def _scalars(graph: Graph) -> list[str]:
    """Return a small formula's nodes that are numbers, arguments first."""
    output = graph.graph.get("output")
    if output not in graph:
        return []
    nodes = list(topological_order(graph, [output]))
    if len(nodes) > MOST:
        return []
    return [node for node in nodes if graph.nodes[node]["shape"] in ((), None)]
