"""The values of a graph's nodes in the algebra, each worked out once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import sympy

from gradtutor.calculus.closed_form import gate_expression, is_unreal
from gradtutor.calculus.forms.domains import Condition
from gradtutor.calculus.forms.tensor.algebra import Algebra, NoFormError
from gradtutor.calculus.forms.textbook import bare
from gradtutor.gates import COPY, GATES, Pointwise
from gradtutor.graph import Graph, inputs, operands, topological_order
from gradtutor.language.formula.unparse import ATOM, Text, node_text


class Values:
    """The values of one graph's nodes in the algebra.

    Parameters
    ----------
    stops : collection of str
        Named nodes to keep as names.
    rules : mapping
        For a gate what it is in the algebra.
    """

    def __init__(
        self, graph: Graph, stops: Collection[str], rules: Mapping[str, Rule]
    ) -> None:
        self.graph, self.stops, self.rules = graph, set(stops), rules
        self.algebra = Algebra(inputs(graph))
        self.known: dict[str, sympy.Expr] = {}
        self.domain: list[Condition] = []

    def text(self, node: str) -> str:
        """Write a node's value."""
        value = bare(self.value(node))
        if value.has(self.algebra.identity()):
            value = value.xreplace({self.algebra.identity(): self._eye(node)})
        return self.algebra.text(value)

    def _eye(self, node: str) -> sympy.Symbol:
        """Return the identity with an input that has its size."""
        size = self.graph.nodes[node]["shape"][0]
        for name in inputs(self.graph):
            shape = self.graph.nodes[name]["shape"]
            if shape in ((size,), (size, size)):
                return self.algebra.named(f"eye({name})", 2)
        raise NoFormError

    def rank(self, node: str) -> int:
        """Return a node's rank."""
        shape = self.graph.nodes[node]["shape"]
        if shape is None or len(shape) > 2:
            raise NoFormError
        return len(shape)

    def value(self, node: str) -> sympy.Expr:
        """Return a node's value, its arguments' first."""
        for item in topological_order(self.graph, [node]):
            if item not in self.known:
                value = self._value(item)
                if is_unreal(value):
                    raise NoFormError  # log(-2), which no text can say
                self.known[item] = value
        return self.known[node]

    def _value(self, node: str) -> sympy.Expr:
        data, args = self.graph.nodes[node], operands(self.graph, node)
        name = data["gate"]
        if name == "input" or node in self.stops:
            return self.algebra.named(str(data["name"]), self.rank(node))
        if name == COPY:
            return self.known[args[0]]
        if name in self.rules:
            found = self.rules[name](self, node, args)
            return self.opaque(node, args) if found is None else found
        gate = GATES.get(name)
        if gate is None or isinstance(gate, Pointwise):
            return bare(
                gate_expression(self.graph, node, [self.known[a] for a in args])
            )
        return self.opaque(node, args)

    def opaque(self, node: str, args: list[str]) -> sympy.Expr:
        """Return a gate that the algebra has no rule for as a symbol."""
        texts = [self._argument(arg) for arg in args]
        return self.algebra.named(
            node_text(self.graph, node, texts).text, self.rank(node)
        )

    def _argument(self, node: str) -> Text:
        value = self.known[node]
        if self.algebra.rank(value) < self.rank(node):
            raise NoFormError  # ones: only a graph knows how many
        text = self.algebra.text(value)
        return Text(text, ATOM if value.is_Symbol and " " not in text else 0)


Rule = Callable[[Values, str, list[str]], "sympy.Expr | None"]
