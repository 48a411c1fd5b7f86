r"""The gates of a derivative by a vector or a matrix, read as one expression.

>>> from gradtutor.calculus import backward_graph
>>> from gradtutor.language import parse
>>> found = backward_graph(parse("x: (n,)\nA: (n, n)\nx @ A @ x"), wrt=["x"])
>>> tensor_textbook(found.graph, found.of_node["x"]).text
'(A + A.T) @ x'
"""

from __future__ import annotations

from collections.abc import Collection

from gradtutor.calculus.forms.tensor.algebra import NoFormError
from gradtutor.calculus.forms.tensor.rules import RULES
from gradtutor.calculus.forms.tensor.values import Values
from gradtutor.calculus.forms.textbook import Textbook
from gradtutor.graph import Graph, topological_order

#: Most gates, and the longest text.
MAX_GATES, MAX_TEXT = 300, 400
#: What sympy raises at a part that it cannot carry.
UNREADABLE = (NoFormError, TypeError, ValueError, ArithmeticError, AttributeError)


class TensorForms:
    """The textbook's forms of the values of one graph.

    Parameters
    ----------
    stops : collection of str
        Named nodes to keep as names.
    """

    def __init__(self, graph: Graph, stops: Collection[str] = ()) -> None:
        self.graph = graph
        self._values = Values(graph, stops, RULES)

    def of(self, node: str) -> Textbook | None:
        """Return a node's form; None where there is none, or none of a short text."""
        if len(topological_order(self.graph, [node])) > MAX_GATES:
            return None
        try:
            text = self._values.text(node)
        except UNREADABLE:
            return None
        if len(text) > MAX_TEXT:
            return None
        return Textbook(text, tuple(dict.fromkeys(self._values.domain)))


def tensor_textbook(graph: Graph, node: str) -> Textbook | None:
    """Write a derivative of tensors as a textbook does; None where there is no form."""
    return TensorForms(graph).of(node)
