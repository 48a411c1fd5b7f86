"""The graph of a recorded forward: its nodes, its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.messages import tr

Array = NDArray[np.float64]

OUTPUT_SITE = -1


NEGLIGIBLE = 1e-7  # of the largest slope between two values


@dataclass(frozen=True)
class Node:
    """A value of the forward run: an argument, an expression, or the output.

    Attributes
    ----------
    op : str
        ``Mult``, ``exp``, ``name`` (a read of a variable), ``argument``, ``output``.
    name : str
        The variable that is read, or the argument.
    target : str
        The variable that the expression is assigned to.
    count : int
        Which round of a loop it is of.
    parent : int
        The node whose ``place``-th operand this is, or -1.
    """

    index: int
    site: int
    op: str
    name: str
    text: str
    line: int
    parent: int
    place: int
    target: str
    axis: Any
    keepdims: bool
    shape: tuple[int, ...]
    part: slice
    count: int = 0

    @property
    def variable(self) -> bool:
        """Whether it is the value of a variable: an argument or an assigned value."""
        return bool(self.target) or self.op == "argument"

    @property
    def label(self) -> str:
        """What to call it."""
        return self.target or self.name or self.text or tr("the output")

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return int(self.part.stop) - int(self.part.start)


@dataclass(frozen=True)
class Event:
    """A line of backward that assigned something: its values, one a point."""

    line: int
    name: str
    values: tuple[Array, ...]


@dataclass(frozen=True)
class Forward:
    """The forward runs at all points, and the events of backward there.

    Attributes
    ----------
    jacobians : tuple of arrays
        Row: the value that moves; column: the element that moves it.
    gradients : tuple of arrays
        Of the output times upstream, by every element.
    """

    nodes: tuple[Node, ...]
    values: tuple[Array, ...]
    jacobians: tuple[Array, ...]
    upstreams: tuple[Array, ...]
    events: tuple[Event, ...]

    @property
    def points(self) -> range:
        """The points' numbers."""
        return range(len(self.values))

    @property
    def output(self) -> Node:
        """The output."""
        return self.nodes[-1]

    @cached_property
    def gradients(self) -> tuple[Array, ...]:
        """The gradient of everything, flat, at each point."""
        return tuple(
            self.jacobians[p][self.output.part].T @ self.upstreams[p].ravel()
            for p in self.points
        )

    @cached_property
    def children(self) -> tuple[tuple[Node, ...], ...]:
        """The operands of each node that are values themselves, by their places."""
        found: list[list[Node]] = [[] for _ in self.nodes]
        for node in self.nodes:
            if node.parent >= 0:
                found[node.parent].append(node)
        return tuple(tuple(sorted(f, key=lambda n: n.place)) for f in found)

    def above(self, node: Node) -> Iterator[Node]:
        """Yield the operations on its line that a value is in, inner ones first."""
        while node.parent >= 0:
            node = self.nodes[node.parent]
            yield node

    def value(self, node: Node, p: int) -> Array:
        """Return a node's value at a point."""
        return self.values[p][node.part].reshape(node.shape)

    def gradient(self, node: Node, p: int) -> Array:
        """Return the true gradient at a node."""
        return self.gradients[p][node.part].reshape(node.shape)

    def slope(self, of: Node, by: Node, p: int) -> Array:
        """Return the matrix of how one value moves with another."""
        return self.jacobians[p][of.part, by.part]

    def pull(self, of: Node, by: Node, p: int, gradient: Array) -> Array:
        """Carry a gradient at one node back to an earlier one."""
        back = self.slope(of, by, p).T @ np.asarray(gradient).ravel()
        return np.asarray(back.reshape(by.shape))

    def pulled(self, of: Node, by: Node, p: int) -> Array:
        """Return what one value sends back to an earlier one."""
        return self.pull(of, by, p, self.gradient(of, p))

    @property
    def edges(self) -> list[tuple[Node, Node]]:
        """Each operand with its operation."""
        return [(n, self.nodes[n.parent]) for n in self.nodes if n.parent >= 0]

    def depends(self, of: Node, by: Node) -> bool:
        """Whether one value moves with another, at any point."""
        return bool(self._reach[of.index, by.index])

    @cached_property
    def _reach(self) -> NDArray[np.bool_]:
        moved = np.zeros((len(self.nodes), len(self.nodes)), dtype=bool)
        filled = [node.index for node in self.nodes if node.size]  # none is empty
        starts = [self.nodes[i].part.start for i in filled]
        for jacobian in self.jacobians:
            rows = np.maximum.reduceat(np.abs(jacobian), starts, axis=0)
            moved[np.ix_(filled, filled)] |= (
                np.maximum.reduceat(rows, starts, axis=1) > 1e-12
            )
        return moved

    def moves(self, node: Node) -> bool:
        """Whether a value moves with any argument: constants do not."""
        return any(self.depends(node, argument) for argument in self.arguments.values())

    @cached_property
    def arguments(self) -> dict[str, Node]:
        """The arguments by name."""
        return {node.name: node for node in self.nodes if node.op == "argument"}
