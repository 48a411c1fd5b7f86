"""A graph made ready to be evaluated again and again, in any arithmetic.

One evaluation per moved input is what numeric derivatives are made of: a plan looks
everything up once, and works out only what the moved input reaches.

>>> from gradtutor.language import parse
>>> plan = float_plan(parse("x*y + sin(y)"))
>>> values = plan.values({"x": 2.0, "y": 0.0})
>>> float(plan.moved(values, "x", 3.0)), float(plan.moved(values, "y", 1.0)) > 2.8
(0.0, True)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtutor.evaluate.values import compiled
from gradtutor.gates import COMPARISONS, COPY, GATES, STOPPED, Pointwise
from gradtutor.graph import (
    Graph,
    arguments,
    dependents,
    node_data,
    node_gate,
    topological_order,
)

Apply = Callable[..., Any]


@dataclass(frozen=True)
class Line:
    """One gate: where its value goes, what computes it, and from which nodes."""

    node: str
    apply: Apply
    args: tuple[str, ...]


class Plan:
    """The gates that some nodes need, in order, ready to run.

    Parameters
    ----------
    graph : Graph
        Its shapes are known.
    targets : iterable of str, optional
        The nodes wanted; the first is the output. By default the graph's output.
    apply : callable
        ``apply(graph, node)``: the function that computes a gate.
    number : callable
        What the arithmetic makes of a float64 number or array.
    """

    def __init__(
        self,
        graph: Graph,
        targets: Iterable[str] | None,
        apply: Callable[[Graph, str], Apply],
        number: Callable[[Any], Any],
    ) -> None:
        wanted = [graph.graph["output"]] if targets is None else list(targets)
        self.output = wanted[0]
        self.graph, self.number = graph, number
        self.order = topological_order(graph, wanted)
        self.lines = [
            Line(node, apply(graph, node), tuple(arguments(graph, node)))
            for node in self.order
            if node_gate(graph, node) not in ("input", "number")
        ]
        self._cones: dict[str, list[Line]] = {}

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every node; inputs stand in ``given``."""
        values: dict[str, Any] = {}
        for node in self.order:
            data = node_data(self.graph, node)
            if data["gate"] == "input":
                values[node] = self.number(given[node])
            elif data["gate"] == "number":
                values[node] = self.number(data["value"])
        with np.errstate(all="ignore"):
            for line in self.lines:
                values[line.node] = line.apply(*[values[arg] for arg in line.args])
        return values

    def cone(self, name: str) -> list[Line]:
        """Return the gates that an input reaches; what is stopped stays as it is."""
        if name not in self._cones:
            reached = dependents(self.graph, [name], STOPPED)
            self._cones[name] = [line for line in self.lines if line.node in reached]
        return self._cones[name]

    def lines_from(self, names: Iterable[str]) -> dict[str, int]:
        """Return how many gates stand behind the first that reads each input."""
        first: dict[str, int] = {}
        for place, line in enumerate(self.lines):
            for arg in line.args:
                first.setdefault(arg, place)
        last = len(self.lines)
        return {name: last - first.get(name, last) for name in names}

    def moved_all(self, values: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
        """Return the output where several inputs have other values."""
        new = {name: self.number(value) for name, value in given.items()}
        reached = dependents(self.graph, given, STOPPED)
        with np.errstate(all="ignore"):
            for line in self.lines:
                if line.node in reached:
                    args = [new[a] if a in new else values[a] for a in line.args]
                    new[line.node] = line.apply(*args)
        return new[self.output] if self.output in new else values[self.output]

    def moved(self, values: Mapping[str, Any], name: str, value: Any) -> Any:
        """Return the output where one input has another value."""
        new = {name: self.number(value)}
        with np.errstate(all="ignore"):
            for line in self.cone(name):
                args = [new[arg] if arg in new else values[arg] for arg in line.args]
                new[line.node] = line.apply(*args)
        return new[self.output] if self.output in new else values[self.output]


def float_plan(graph: Graph, targets: Iterable[str] | None = None) -> Plan:
    """Make a plan in float64, by the gates' own NumPy text."""
    return Plan(
        graph, targets, _float_gate, lambda value: np.asarray(value, dtype=np.float64)
    )


def _float_gate(graph: Graph, node: str) -> Apply:
    data = node_data(graph, node)
    function = compiled(data["gate"], tuple(data["attrs"].items()))
    if data["gate"] not in COMPARISONS:
        return function
    return lambda *args: np.asarray(function(*args), dtype=np.float64)  # 1 - 1 is 0


def is_pointwise(graph: Graph) -> bool:
    """Whether every gate works number by number: many points fit one array then."""
    gates = {data["gate"] for _, data in graph.nodes(data=True)}
    return all(
        gate in ("input", "number", COPY) or isinstance(GATES[gate], Pointwise)
        for gate in gates
    ) and all(shape in ((), None) for _, shape in graph.nodes(data="shape"))
