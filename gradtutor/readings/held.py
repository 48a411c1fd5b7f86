"""A graph with the rule at kinks and the values that were given: what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.calculus.composites import close_gates, composites, open_gates
from gradtutor.evaluate.point import PointError, check_names
from gradtutor.graph import Graph, inputs, is_class_label, with_shapes
from gradtutor.messages import tr
from gradtutor.readings.given import given_point

SHOWN = 70  # characters of a circuit's text


@dataclass(frozen=True)
class Held:
    """A computation graph and the values it is asked at.

    Attributes
    ----------
    graph : networkx.MultiDiGraph
        The graph itself.
    ties : str
        The rule at kinks, one of ``gradtutor.gates.TIE_RULES``.
    point : mapping
        Values of inputs, set by ``at``; a method's own keywords come before them.
    """

    graph: Graph
    ties: str = "torch"
    point: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def text(self) -> str:
        """The text that the circuit was read from."""
        return str(self.graph.graph["source"])

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs, in the order written."""
        return inputs(self.graph)

    @property
    def variables(self) -> list[str]:
        """Names of the inputs to differentiate by: no class labels, no constants."""
        constants = inputs(self.graph, "constant")
        return [
            name
            for name in self.inputs
            if name not in constants and not is_class_label(self.graph, name)
        ]

    def at(self, **values: ArrayLike) -> Self:
        """Return the circuit with these inputs' values, which all it says then takes.

        Parameters
        ----------
        values : array_like
            By the inputs' names: numbers, lists, arrays, DataFrames; labels as text.

        Raises
        ------
        gradtutor.TutorError
            When there is no such input, or a shape does not fit.
        """
        point = self._point(values)
        undeclared = {
            name: np.shape(value)
            for name, value in point.items()
            if np.ndim(value) and not self.graph.nodes[name]["shape"]
        }
        graph = with_shapes(self.graph, undeclared) if undeclared else self.graph
        return replace(self, graph=graph, point=point)

    def with_ties(self, ties: str) -> Self:
        """Return the circuit with another rule at kinks: ``left``, ``both``, ..."""
        return replace(self, ties=ties)

    def open(self, *names: str) -> Self:
        """Return the circuit with these composites, or all, drawn as their gates."""
        return replace(self, graph=open_gates(self.graph, names or composites()))

    def close(self) -> Self:
        """Return the circuit with 1/(1+exp(-x)) and its like as one gate."""
        return replace(self, graph=close_gates(self.graph))

    def __repr__(self) -> str:
        """Return the text that the circuit was read from, a long one cut."""
        shown = repr(self.text if len(self.text) <= SHOWN else f"{self.text[:SHOWN]}…")
        return f"{type(self).__name__}({shown})"

    def _only_variable(self) -> str:
        """Return the input to differentiate by where there is one alone.

        Raises
        ------
        PointError
            When there are several, or none.
        """
        match self.variables:
            case [name]:
                return name
            case []:
                raise PointError(tr("there is no input to differentiate by"))
            case names:
                raise PointError(
                    tr("say what to differentiate by: {names}", names=", ".join(names))
                )

    def _point(self, at: Mapping[str, ArrayLike]) -> dict[str, Any]:
        """Return the values held and those given, as arrays."""
        check_names(self.graph, dict(at))
        return {**self.point, **given_point(self.graph, at)}

    def _stated(self) -> dict[str, Any]:
        """Return the values that the text itself gives to inputs."""
        values = self.graph.nodes(data="value")
        return {name: values[name] for name in self.inputs if values[name] is not None}

    def _is_valued(self, point: Mapping[str, Any]) -> bool:
        """Whether every input has a value."""
        return self._stated().keys() | point.keys() >= set(self.inputs)
