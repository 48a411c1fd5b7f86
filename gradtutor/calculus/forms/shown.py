"""How a derivative is shown: as a textbook has it, or else by the gates' own text."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from gradtutor.calculus.forms.plain import PlainForms
from gradtutor.graph import Graph

if TYPE_CHECKING:
    from gradtutor.calculus.closed_form import Derivatives
    from gradtutor.calculus.forms.tensor.shown import TensorForms
    from gradtutor.calculus.forms.textbook import Textbook
    from gradtutor.calculus.forms.written import Written

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
        self.graph, self.stops = graph, stops
        self._plain = PlainForms(graph, stops)

    @cached_property
    def derivatives(self) -> Derivatives:
        """The same gradients as the gates have them, by sympy."""
        from gradtutor.calculus.closed_form import Derivatives

        return Derivatives(self.graph, self.stops)

    @cached_property
    def _tensors(self) -> TensorForms:
        from gradtutor.calculus.forms.tensor.shown import TensorForms

        return TensorForms(self.graph, self.stops)

    @cached_property
    def written(self) -> Written:
        """How the formula's own sums and products were written."""
        from gradtutor.calculus.forms.written import written

        return written(self.graph)

    def text(self, node: str) -> str:
        """Return the textbook's text where it holds everywhere, else the gates'.

        What is plain is written without sympy, whose import takes 0.3 s.
        """
        return self._plain.text(node) or self.symbolic_text(node)

    def symbolic_text(self, node: str) -> str:
        """Return the same text by sympy's forms."""
        from gradtutor.calculus.closed_form import MAX_TEXT

        found = self.form(node)
        if found is not None and found.domain:
            found = self.form(node, ties=True)
        if found is not None and not found.domain and len(found.text) <= MAX_TEXT:
            return found.text
        return self.derivatives.text(node)

    def form(self, node: str, *, ties: bool = False) -> Textbook | None:
        """Return the textbook's form of a node; None where there is none."""
        from gradtutor.calculus.closed_form import expression_string
        from gradtutor.calculus.forms.textbook import Textbook, by_intervals, textbook
        from gradtutor.calculus.forms.textbook_printer import TextbookPrinter
        from gradtutor.deferred import sympy

        closed = self.derivatives.forms.of(node)
        if closed is None:
            return self._tensors.of(node)
        order = self.derivatives.order
        if int(sympy.count_ops(closed)) > MAX_OPERATIONS:
            text = expression_string(closed, order)
            printer = TextbookPrinter(order, self.written)
            return by_intervals(closed, text, printer, ties=ties) or Textbook(text)
        return textbook(closed, order, ties=ties, written=self.written)
