r"""Paths against edges: why reverse mode adds at a fork before it goes on.

The chain rule sums a product over every path from an input to the output; their number
may double at each fork. Reverse mode visits every edge once (Olah 2015, "Calculus on
Computational Graphs"; Griewank & Walther 2008, chapter 3).

>>> from gradtutor.explain.records.derivation import derive
>>> from gradtutor.language import parse
>>> found = count_paths(derive(parse("y = x*sin(x)*cos(x)\ny*exp(y)*tanh(y)")))
>>> found.paths, found.factors, found.edges
(9, 42, 12)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from gradtutor.explain.records.derivation import Derivation, Send


@dataclass(frozen=True)
class PathCount:
    """How many paths there are, counted edge by edge without walking them.

    Attributes
    ----------
    paths, factors : int
        Paths from the inputs to the output, and the edges of all of them together.
    edges : int
        Edges that lie on any path: what reverse mode visits.
    before, behind : dict
        Of every value the paths from the inputs to it, and from it to the output.
    """

    paths: int
    factors: int
    edges: int
    before: dict[str, int]
    behind: dict[str, int]


def count_paths(found: Derivation) -> PathCount:
    """Count by dynamic programming: one addition for each edge."""
    behind: dict[str, int] = defaultdict(int, {found.output: 1})
    steps: dict[str, int] = defaultdict(int)
    edges = [(turn.node, send) for turn in found.turns for send in turn.sends]
    for node, send in edges:  # from the output, so that ``behind[node]`` is complete
        behind[send.source] += behind[node]
        steps[send.source] += steps[node] + behind[node]
    before: dict[str, int] = defaultdict(int, dict.fromkeys(found.wrt, 1))
    for turn in reversed(found.turns):
        for send in turn.sends:
            before[turn.node] += before[send.source]
    paths = sum(behind[name] for name in found.wrt)
    factors = sum(steps[name] for name in found.wrt)
    return PathCount(paths, factors, len(edges), dict(before), dict(behind))


@dataclass(frozen=True)
class Edges:
    """The edges of all paths, by the value they start at.

    Attributes
    ----------
    readers : dict
        By value, what reads it: the reader and the record.
    shortest : dict
        By value, the fewest edges from it to the output.
    """

    output: str
    readers: Mapping[str, list[tuple[str, Send]]]
    shortest: Mapping[str, int]


def edges_of(found: Derivation) -> Edges:
    """Return the edges of a derivation."""
    readers: dict[str, list[tuple[str, Send]]] = defaultdict(list)
    for node, sends in found.arriving.items():
        readers[node] = [(found.turn_of[send.wire].node, send) for send in sends]
    shortest = {found.output: 0}
    for turn in found.turns:
        for send in turn.sends:
            least = shortest.get(send.source, shortest[turn.node] + 1)
            shortest[send.source] = min(least, shortest[turn.node] + 1)
    return Edges(found.output, readers, shortest)


def paths_from(
    edges: Edges, node: str, count: int, length: int
) -> list[tuple[tuple[str, Send], ...]]:
    """Return paths from a value to the output, each as its edges (reader, record).

    Parameters
    ----------
    count, length : int
        How many, and of how many edges, at most.
    """
    return list(islice(_walk(edges, node, length), count))


def _walk(
    edges: Edges, start: str, length: int
) -> Iterator[tuple[tuple[str, Send], ...]]:
    """Walk depth first, by a loop; never where the output is too far away."""
    path: list[tuple[str, Send]] = []
    stack = [iter(edges.readers[start])]
    while stack:
        edge = next(stack[-1], None)
        if edge is None:
            stack.pop()
            path = path[:-1]
        elif edge[0] == edges.output:
            yield (*path, edge)
        elif len(path) + 1 + edges.shortest[edge[0]] <= length:
            path.append(edge)
            stack.append(iter(edges.readers[edge[0]]))
