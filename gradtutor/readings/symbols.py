"""Derivatives of a circuit in symbols, and the steps that lead to them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.calculus import Backward, backward_graph
from gradtutor.calculus.forms import ShownForms
from gradtutor.evaluate import node_values
from gradtutor.evaluate.numeric.witness import gradient_in_digits
from gradtutor.evaluate.point import check_wrt
from gradtutor.evaluate.verify import verify_derivative
from gradtutor.explain.views.steps_page import By
from gradtutor.graph import Graph, with_shapes
from gradtutor.readings.formula import Formula
from gradtutor.readings.numbers import Numbers
from gradtutor.readings.steps import Steps, read_steps

if TYPE_CHECKING:
    from gradtutor.calculus.forms.textbook import Textbook


class Symbols(Numbers):
    """A circuit that is asked for formulas."""

    def diff(self, *wrt: str) -> Formula:
        """Return the derivative as text in the same language.

        Parameters
        ----------
        wrt : str
            Inputs to differentiate by, one after the other: ``diff("x", "x")`` is the
            second derivative. With a single input it may be left out.

        Returns
        -------
        Formula
            A ``str`` that a notebook shows as mathematics.
        """
        found = self._derivative(wrt)
        if found is None:
            return Formula("0")
        return Formula(self._texts(found[0]).derivatives.text(found[1]))

    def textbook(self, *wrt: str) -> Textbook | None:
        """Return the derivative as a textbook writes it; None without a closed form."""
        found = self._derivative(wrt)
        return None if found is None else self._texts(found[0]).form(found[1])

    def derivative(self, *wrt: str, at: Mapping[str, ArrayLike] | None = None) -> Any:
        """Return the value of the derivative that ``diff`` writes, by its own gates.

        A closed form may overflow where they do not: ``exp(-x)/(1 + exp(-x))**2``.
        """
        found = self._derivative(wrt)
        if found is None:
            return 0.0
        point = self._stated() | self._point(at or {})
        shapes = {name: np.shape(value) for name, value in point.items()}
        value = node_values(with_shapes(found[0], shapes), point, [found[1]])[found[1]]
        return float(value) if np.ndim(value) == 0 else value

    def derivative_in_digits(
        self, *wrt: str, at: Mapping[str, ArrayLike] | None = None
    ) -> Any:
        """Return the derivative's value worked out in 400 digits, where rounding ends.

        What is 0 is 0 there, and not 1e-17; None where a gate has no such value.
        """
        found = self._derivative(wrt)
        if found is None:
            return 0.0
        point = self._stated() | self._point(at or {})
        shapes = {name: np.shape(value) for name, value in point.items()}
        try:
            value = gradient_in_digits(with_shapes(found[0], shapes), found[1], point)
            return np.asarray(value, dtype=float)
        except (TypeError, ValueError, ArithmeticError):
            return None

    def _derivative(self, wrt: tuple[str, ...]) -> tuple[Graph, str] | None:
        """Return a graph with the derivative's node; None where it is 0."""
        names = wrt or (self._only_variable(),)
        check_wrt(self.graph, names)
        graph, node = self.graph, self.graph.graph["output"]
        for name in names:
            first = graph is self.graph
            backward = (
                self._backward
                if first
                else backward_graph(graph, node, [name], self.ties)
            )
            if name not in backward.of_node:
                return None
            graph, node = backward.graph, backward.of_node[name]
        return graph, node

    @cached_property
    def _backward(self) -> Backward:
        """The gradients by all variables, in one pass."""
        return backward_graph(self.graph, wrt=self.variables, ties=self.ties)

    @cached_property
    def _derivatives(self) -> ShownForms:
        """Their texts."""
        return ShownForms(self._backward.graph)

    def _texts(self, graph: Graph) -> ShownForms:
        """Return what writes a derivative of the first order, or of another graph."""
        first = graph is self._backward.graph
        return self._derivatives if first else ShownForms(graph)

    def verify(self, wrt: str, derivative: str, seed: int = 0) -> bool | None:
        """Check a derivative's text against finite differences; None if undecidable."""
        return verify_derivative(self.graph, wrt, derivative, seed)

    def steps(
        self,
        *wrt: str,
        by: By | None = None,
        everything: bool = False,
        **at: ArrayLike,
    ) -> Steps:
        """Return how the gradient comes about, step by step.

        Parameters
        ----------
        wrt : str
            Inputs; all where none is named.
        by : str, optional
            ``rules`` of calculus, or ``gates`` in the order of reverse mode.
        everything : bool
            Whether long lists are shown whole.

        Returns
        -------
        Steps
            Shown as LaTeX in a cell; ``str`` of it is the terminal's text.
        """
        point = self._point(at)
        values = point if self.inputs and self._is_valued(point) else None
        if values is not None and not values and not self._stated():
            values = None
        return read_steps(self.graph, wrt, self.ties, values, by, everything=everything)
