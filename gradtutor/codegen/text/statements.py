"""A graph as straight-line NumPy statements: one line for each value with a name.

A value that is used once and has no name stands inside its reader's line; one that is
used again gets a line of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gradtutor.codegen.text.numpy_text import compose, number_text, numpy_text
from gradtutor.gates import COMPARISONS, COPY, show_shape
from gradtutor.graph import Graph, operands, topological_order

#: Gates cheap enough to write again wherever they are used: a view, a length.
INLINE = {"transpose", "size"}
#: A longer expression gets a line and a name of its own.
LONGEST = 58


@dataclass(frozen=True)
class Statement:
    """``name = text  # shape``, the line of one node."""

    name: str
    text: str
    shape: str
    node: str


def statements(
    graph: Graph, targets: Iterable[str], given: Collection[str] = ()
) -> list[Statement]:
    """Return the lines that compute the targets, in order.

    Parameters
    ----------
    targets : iterable of str
        Nodes that must have a line.
    given : collection of str
        Nodes whose names already hold their values.
    """
    return _Lines(graph, list(targets), set(given)).lines


class _Lines:
    def __init__(self, graph: Graph, targets: list[str], given: set[str]) -> None:
        self.graph = graph
        self.targets = set(targets)
        self.given = given
        self.order = self._needed(targets)
        self.uses = self._count_uses()
        self.taken = {data["name"] for _, data in graph.nodes(data=True)}
        self.texts: dict[str, str] = {}
        self.lines: list[Statement] = []
        for node in self.order:
            self._write(node)

    def _needed(self, targets: list[str]) -> list[str]:
        """Return the nodes to write: what the targets need, down to the given ones."""
        order = topological_order(self.graph, targets)
        wanted = set(targets)
        for node in reversed(order):
            if node in wanted and node not in self.given:
                wanted.update(operands(self.graph, node))
        return [node for node in order if node in wanted]

    def _count_uses(self) -> dict[str, int]:
        uses = dict.fromkeys(self.order, 0)
        for node in self.order:
            if node not in self.given and self.graph.nodes[node]["gate"] != COPY:
                for arg in operands(self.graph, node):
                    uses[arg] = uses.get(arg, 0) + 1
        return uses

    def _write(self, node: str) -> None:
        data = self.graph.nodes[node]
        if data["gate"] == "input" or node in self.given:
            self.texts[node] = data["name"]
        elif data["gate"] == "number":
            self.texts[node] = number_text(data["value"])
        elif data["gate"] != COPY:
            self.texts[node] = self._expression(node)
            if self._has_line(node):
                self._add_line(node)

    def _expression(self, node: str) -> str:
        data = self.graph.nodes[node]
        args = operands(self.graph, node)
        template = numpy_text(data["gate"], data["attrs"])
        if data["gate"] == "where" and self._is_mask(args):
            template = "b * a"  # where(c, x, 0) as a product with the mask
        return compose(template, [self.texts[arg] for arg in args])

    def _is_mask(self, args: list[str]) -> bool:
        condition, _, otherwise = (self.graph.nodes[arg] for arg in args)
        zero = otherwise["gate"] == "number" and otherwise["value"] == 0.0
        return zero and condition["gate"] in COMPARISONS

    def _has_line(self, node: str) -> bool:
        data = self.graph.nodes[node]
        if node in self.targets or data["name"]:
            return True
        long = len(self.texts[node]) > LONGEST
        return long or (self.uses[node] > 1 and data["gate"] not in INLINE)

    def _add_line(self, node: str) -> None:
        data = self.graph.nodes[node]
        name = data["name"] or self._fresh(data["gate"])
        self.lines.append(
            Statement(name, self.texts[node], show_shape(data["shape"]), node)
        )
        self.texts[node] = name

    def _fresh(self, gate: str) -> str:
        """Name a shared value after its gate: softmax_1, mul_1."""
        count = 1
        while f"{gate}_{count}" in self.taken:
            count += 1
        self.taken.add(f"{gate}_{count}")
        return f"{gate}_{count}"
