r"""One forward and one backward pass, with the value and the gradient of every wire.

>>> from gradtutor.language import parse
>>> trace = run(parse("q = x + y\nf = q*z"), {"x": -2, "y": 5, "z": -4})
>>> {name: float(g) for name, g in trace.input_gradients().items()}
{'x': -4.0, 'y': -4.0, 'z': 3.0}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.calculus import Backward, backward_graph
from gradtutor.evaluate.values import Array, node_values
from gradtutor.gates import COPY, GATES, LEAVES, Pointwise
from gradtutor.graph import (
    Graph,
    Wire,
    arguments,
    dependents,
    inputs,
    node_data,
    node_gate,
    paused_collector,
    topological_order,
    with_shapes,
)
from gradtutor.messages import mark, tr

#: Gates whose infinity is the formula's own.
POLES = ("div", "log", "log1p", "pow")


@dataclass(frozen=True)
class Trace:
    """What ran: the graph and the numbers on it.

    Attributes
    ----------
    graph : Graph
        The forward graph, its shapes those of the values.
    backward : Backward
        The gates of its gradients.
    values : dict
        Value of every forward node.
    gradients : dict
        Gradient of the output with respect to every wire that an input reaches; zeros
        where none flows, nan where a circuit of plain numbers has no value. Wires of
        constants are absent.
    node_gradients : dict
        The same at the output of every node.
    fault : str or None
        The first gate that made nan or infinity from finite arguments.
    ties : str
        The rule at kinks.
    """

    graph: Graph
    backward: Backward
    values: dict[str, Array]
    gradients: dict[Wire, Array]
    node_gradients: dict[str, Array]
    fault: str | None
    ties: str = "torch"

    @property
    def output(self) -> str:
        """The output node."""
        node: str = self.graph.graph["output"]
        return node

    def input_gradients(self) -> dict[str, Array]:
        """Return the gradient of every input, in the order written."""
        return {name: self.node_gradients[name] for name in inputs(self.graph)}

    def fault_message(self) -> str:
        """Name the gate at fault, its arguments and its domain; empty if none is."""
        if self.fault is None:
            return ""
        name = self.graph.nodes[self.fault]["name"]
        said = fault_text(self.graph, self.values, self.fault, name)
        lost = tr("; the output has no value here, and no gradient")
        return said + lost * (not _has_slope(self.graph, self.values))


def run(graph: Graph, given: Mapping[str, ArrayLike], ties: str = "torch") -> Trace:
    """Evaluate a graph and its backward pass at one point.

    Parameters
    ----------
    given : mapping from str to array_like
        Values of the inputs; an input takes the shape of its value.
    ties : str
        The rule at kinks.

    Raises
    ------
    MissingValueError
        When an input has no value.
    gradtutor.graph.ShapeError
        When the values' shapes do not fit.
    """
    with paused_collector():
        return _run(graph, given, ties)


def _run(graph: Graph, given: Mapping[str, ArrayLike], ties: str) -> Trace:
    graph = with_shapes(graph, _given_shapes(graph, given))
    backward = backward_graph(graph, ties=ties)
    wanted = (
        list(graph) + list(backward.of_wire.values()) + list(backward.of_node.values())
    )
    values = node_values(backward.graph, given, wanted)
    active = dependents(graph, inputs(graph))
    defined = _has_slope(graph, values)
    gradients = {
        (source, target, position): _gradient(
            values, backward.of_wire.get((source, target, position)), source, defined
        )
        for source, target, position in graph.edges(keys=True)
        if source in active
    }
    node_gradients = {
        node: _gradient(values, backward.of_node.get(node), node, defined)
        for node in graph
        if node in active
    }
    forward = {node: values[node] for node in graph}
    fault = first_fault(graph, forward)
    return Trace(graph, backward, forward, gradients, node_gradients, fault, ties)


def _given_shapes(
    graph: Graph, given: Mapping[str, ArrayLike]
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the values that inputs are given, by --at or in the text."""
    shapes = {}
    for name in inputs(graph):
        value = given.get(name, graph.nodes[name].get("value"))
        if value is not None:
            shapes[name] = np.shape(value)
    return shapes


def _has_slope(graph: Graph, values: Mapping[str, Array]) -> bool:
    """Whether there are gradients: not where a circuit of plain numbers gave nan.

    Nor where it gave a number too large for float64: log(1 + exp(x)) at 1000 is 1000.

    In a tensor some elements can be nan, and those beside them have their gradients.
    """
    if any(values[node].ndim for node in graph):
        return True
    output = values[graph.graph["output"]]
    too_large = np.isinf(output) and _overflowed(graph, values)
    return not (np.isnan(output) or too_large)


def _overflowed(graph: Graph, values: Mapping[str, Array]) -> bool:
    """Whether infinity is a number too large, as exp(1000), and no pole, as log(0)."""
    fault = first_fault(graph, values)
    return fault is not None and node_gate(graph, fault) not in POLES


def _gradient(
    values: Mapping[str, Array], node: str | None, like: str, defined: bool
) -> Array:
    """Return a gradient; a formula for it may have a value where there is no slope."""
    if not defined:  # 1/x at -1, where log has no value
        return np.full_like(values[like], np.nan)
    return np.zeros_like(values[like]) if node is None else values[node]


def fault_text(
    graph: Graph, values: Mapping[str, Array], node: str, name: str | None = None
) -> str:
    """Name a gate at fault, its arguments, what it gave, and its domain."""
    data = graph.nodes[node]
    given = [values[arg] for arg in arguments(graph, node)]
    shown = ", ".join(f"{float(x):g}" if x.ndim == 0 else tr("a tensor") for x in given)
    bad = np.asarray(values[node])
    result = bad[~np.isfinite(bad)].flat[0]
    gate = GATES[data["gate"]]
    domain = gate.domain if isinstance(gate, Pointwise) else ""
    if _is_too_large(gate.name, given, values[node]):  # 1e300**2, and no pole
        domain = mark("the number is too large for float64")
    called = f"{gate.name} ({name})" if name else gate.name
    told = {"gate": called, "shown": shown, "result": result}
    if not domain:
        return tr("{gate} of {shown} gave {result:g}", **told)
    why = tr(domain)
    return tr("{gate} of {shown} gave {result:g}: {why}", why=why, **told)


def _is_too_large(name: str, args: list[Array], found: Array) -> bool:
    """Whether a power or a quotient gave infinity away from its pole at 0."""
    if name not in ("pow", "div"):
        return False
    pole = args[0] if name == "pow" else args[1]
    infinite = np.isinf(found)
    return bool(
        infinite.any() and np.all(np.broadcast_to(pole, found.shape)[infinite] != 0)
    )


def constant_fault(graph: Graph) -> str:
    """Say which constant part has no real value, log(-2) say; empty where all have.

    >>> from gradtutor.language import parse
    >>> constant_fault(parse("x*log(-2)"))
    'log of -2 gave nan: log needs a positive number'
    """
    reached = dependents(graph, inputs(graph))
    constant = [node for node in graph if node not in reached]
    values = node_values(graph, {}, constant)
    part = graph.subgraph(constant)
    fault = first_fault(part, values) if constant else None
    if fault is not None:
        return fault_text(graph, values, fault)
    for node in reached:
        below = arguments(graph, node)[1:] if node_gate(graph, node) == "div" else []
        if any(arg in values and not values[arg].any() for arg in below):
            return tr("what is divided by is 0 at every point: division by zero")
    return ""


def first_fault(graph: Graph, values: Mapping[str, Array]) -> str | None:
    """Return the first gate that made nan or infinity out of finite arguments."""
    for node in topological_order(graph):
        data = node_data(graph, node)
        if data["gate"] in LEAVES or data["gate"] == COPY:
            continue
        if not np.isfinite(values[node]).all() and all(
            np.isfinite(values[arg]).all() for arg in arguments(graph, node)
        ):
            return node
    return None
