"""Derivatives: sympy's partials of each gate, and the backward pass as a graph."""

from gradtutor.calculus.backward import Backward, backward_graph
from gradtutor.calculus.partials import partial

__all__ = ["Backward", "backward_graph", "partial"]
