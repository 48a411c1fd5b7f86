"""A hypothesis: a mistake at one place, and the numbers it would have given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gradtutor.audit.diagnosis.graph import Array, Forward, Node
from gradtutor.audit.diagnosis.links import Link

#: Relative to the largest number of a gradient; the tables are good to about 1e-9.
SAME = 1e-5
SMALLEST = 1e-2


@dataclass(frozen=True)
class Hypothesis:
    """A mistake: what it changes in the true gradients.

    Attributes
    ----------
    label : str
        The misconception's name.
    node : Node
        The value whose gradient goes wrong.
    said : str
        What was done instead of what, a sentence without its full stop.
    changes : tuple of dict
        At each point, how far the gradient at some nodes is off.
    results : mapping
        Gradients of arguments that come out in another shape, at each point.
    local : tuple of arrays
        The mistaken local derivative at each point, where there is one.
    span : int
        How many nodes lie between cause and place; nearer ones are likelier.
    cause : Node or None
        The operation whose rule is mistaken, where that is not the node.
    key : str
        Tells variants of a mistake apart that are said alike.
    unlikely : bool
        Named only where nothing else gives the same numbers.
    """

    label: str
    node: Node
    said: str
    changes: tuple[Mapping[int, Array], ...] = ()
    results: Mapping[str, tuple[Array, ...]] = field(default_factory=dict)
    local: tuple[Array, ...] = ()
    span: int = 0
    cause: Node | None = None
    key: str = ""
    unlikely: bool = False

    def predicted(self, forward: Forward, node: Node, p: int) -> Array:
        """Return the gradient at a node under this mistake."""
        if node.op == "argument" and node.name in self.results:
            return self.results[node.name][p]
        gradient = forward.gradient(node, p)
        for place, change in self.changes[p].items() if self.changes else ():
            gradient = gradient + forward.pull(forward.nodes[place], node, p, change)
        return np.asarray(gradient)


@dataclass(frozen=True)
class Scene:
    """What rules look at: the forward tables, links in them, the person's gradients.

    Attributes
    ----------
    whole : set of str
        The arguments whose gradients came back as integers.
    """

    forward: Forward
    links: tuple[Link, ...]
    theirs: Mapping[str, tuple[Array, ...]]
    whole: frozenset[str] = frozenset()

    def link(self, n: Node, m: Node) -> Link | None:
        """Return the link from n to m, if there is one."""
        return self._by_ends.get((n.index, m.index))

    @cached_property
    def _by_ends(self) -> dict[tuple[int, int], Link]:
        return {(link.n.index, link.m.index): link for link in self.links}

    @cached_property
    def reads(self) -> dict[int, list[Node]]:
        """The reads of each value: equal to it at all points, and moving as it does.

        A read of a read, in a function that was called with it, counts for the nearer.
        """
        found: dict[int, list[Node]] = {}
        for link in self.links:
            used = self.forward.depends(self.forward.output, link.m)
            same_shape = link.n.shape == link.m.shape
            if link.m.op == "name" and used and same_shape and _is_one(link):
                found.setdefault(link.n.index, []).append(link.m)
        for reads in found.values():
            through = {far.index for r in reads for far in found.get(r.index, [])}
            reads[:] = [read for read in reads if read.index not in through]
        return found


def _is_one(link: Link) -> bool:
    return all(np.abs(local - 1).max(initial=0.0) < 1e-8 for local in link.local)


def instead(
    forward: Forward,
    n: Node,
    m: Node,
    label: str,
    said: str,
    given: Sequence[Array],
    unlikely: bool = False,
    key: str = "",
) -> Hypothesis:
    """Suppose this, one array a point, was what m sends to n."""
    changes = tuple(
        {n.index: np.asarray(g) - forward.pulled(m, n, p)} for p, g in enumerate(given)
    )
    span = abs(m.index - n.index)
    return Hypothesis(
        label, n, said, changes, span=span, cause=m, unlikely=unlikely, key=key
    )


Rule = Callable[[Scene], Iterator[Hypothesis]]


def same(one: Array, other: Array) -> bool:
    """Whether two gradients are the same numbers in the same shape."""
    if one.shape != other.shape:
        return False
    scale = max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0))
    return bool(np.abs(one - other).max(initial=0.0) <= SAME * max(scale, SMALLEST))


def all_same(pairs: Iterable[tuple[Array, Array]]) -> bool:
    """Whether all pairs are the same."""
    return all(same(one, other) for one, other in pairs)
