"""How a derivative is shown: as a textbook has it, or else by the gates' own text."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import sympy

from gradtutor.calculus.closed_form import MAX_TEXT, Derivatives, expression_string
from gradtutor.calculus.forms.tensors import TensorForms
from gradtutor.calculus.forms.textbook import Textbook, textbook
from gradtutor.calculus.forms.written import Written, written
from gradtutor.graph import Graph, inputs

#: Most operations of an expression that sympy is asked to prove something of.
MAX_OPERATIONS = 40


class ShownForms:
    """The texts of gradients in one graph.

    Parameters
    ----------
    stops : collection of str
        Named nodes to keep as names.
    """

    def __init__(self, graph: Graph, stops: Collection[str] = ()) -> None:
        self.graph = graph
        self.derivatives = Derivatives(graph, stops)
        self._tensors = TensorForms(graph, stops)

    @cached_property
    def written(self) -> Written:
        """How the formula's own sums and products were written."""
        return written(self.graph)

    def text(self, node: str) -> str:
        """Return the textbook's text where it holds everywhere, else the gates'."""
        found = self.form(node)
        if found is not None and found.domain:
            found = self.form(node, ties=True)
        if found is not None and not found.domain and len(found.text) <= MAX_TEXT:
            return found.text
        return self.derivatives.text(node)

    def form(self, node: str, *, ties: bool = False) -> Textbook | None:
        """Return the textbook's form of a node; None where there is none."""
        closed = self.derivatives.forms.of(node)
        if closed is None:
            return self._tensors.of(node)
        if int(sympy.count_ops(closed)) > MAX_OPERATIONS:
            return Textbook(expression_string(closed, inputs(self.graph)))
        order = inputs(self.graph)
        return textbook(closed, order, ties=ties, written=self.written)
