r"""Second derivatives and Jacobians as linear maps: a graph that applies them to v.

A gradient is a graph, so the gradient of ⟨∂f/∂y, v⟩ by x is one: H_xy v, the mixed
second derivative along v (Pearlmutter 1994, "Fast exact multiplication by the
Hessian"). A row of the Jacobian is the gradient of ⟨f, u⟩, and that one's by u is J v.

>>> from gradtutor.language import parse
>>> graph = parse("x: (n,)\nA: (n, n)\nx @ A @ x")
>>> linear = hessian_map(graph, "x", "x")
>>> linear.graph.nodes[linear.node]["shape"]
('n',)
"""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.calculus.backward import backward_graph
from gradtutor.calculus.tape import GraphTape
from gradtutor.gates import Shape
from gradtutor.graph import Graph, add_input, copied, with_shapes


@dataclass(frozen=True)
class LinearMap:
    """What a second derivative or a Jacobian does to a direction.

    Attributes
    ----------
    graph : Graph
        The formula with the gates that apply the map.
    node : str or None
        The node of the result; None where the map is zero.
    direction : str
        The input that stands for the direction.
    shape : tuple
        Shape of the map written out: the result's axes, then the direction's.
    """

    graph: Graph
    node: str | None
    direction: str
    shape: Shape


def hessian_map(
    graph: Graph, rows: str, columns: str, ties: str = "torch", direction: str = "v"
) -> LinearMap:
    """Return ∂²f/∂rows∂columns as a map of directions of ``columns``.

    Parameters
    ----------
    rows, columns : str
        Inputs; the same one twice is its Hessian. An output that is a tensor is summed.
    direction : str
        What the direction is called, unless the graph has the name.
    """
    graph = _sized(graph)
    name = _fresh(graph, direction)
    shape = (*_shape(graph, rows), *_shape(graph, columns))
    first = backward_graph(graph, wrt=[columns], ties=ties)
    if columns not in first.of_node:
        return LinearMap(graph, None, name, shape)
    inner = _inner(first.graph, first.of_node[columns], name, _shape(graph, columns))
    second = backward_graph(first.graph, inner, [rows], ties)
    return LinearMap(second.graph, second.of_node.get(rows), name, shape)


def transposed_jacobian_map(
    graph: Graph, by: str, ties: str = "torch", direction: str = "u"
) -> LinearMap:
    """Return uᵀ ∂f/∂by as a map of directions u of the output: reverse mode (VJP)."""
    graph = copied(_sized(graph))
    output = graph.graph["output"]
    name, of = _fresh(graph, direction), graph.nodes[output]["shape"]
    shape = (*_shape(graph, by), *of)
    back = backward_graph(graph, _inner(graph, output, name, of), [by], ties)
    return LinearMap(back.graph, back.of_node.get(by), name, shape)


def jacobian_map(
    graph: Graph, by: str, ties: str = "torch", direction: str = "v"
) -> LinearMap:
    """Return ∂f/∂by v as a map of directions v: forward mode (JVP), by two reverses.

    uᵀJ is linear in u, so the gradient of ⟨uᵀJ, v⟩ by u is J v (Townsend 2017).
    """
    back = transposed_jacobian_map(graph, by, ties, f"{direction}_")
    name = _fresh(back.graph, direction)
    of = back.graph.nodes[back.direction]["shape"]
    shape = (*of, *_shape(back.graph, by))
    if back.node is None:
        return LinearMap(back.graph, None, name, shape)
    linear = copied(back.graph)
    inner = _inner(linear, back.node, name, _shape(linear, by))
    forward = backward_graph(linear, inner, [back.direction], ties)
    node = forward.of_node.get(back.direction)
    return LinearMap(forward.graph, node, name, shape)


def _sized(graph: Graph) -> Graph:
    """Return the graph with all shapes; inputs without one are numbers."""
    unknown = any(data["shape"] is None for _, data in graph.nodes(data=True))
    return with_shapes(graph, {}) if unknown else graph


def _shape(graph: Graph, name: str) -> Shape:
    shape: Shape = graph.nodes[name]["shape"] or ()
    return shape


def _fresh(graph: Graph, name: str) -> str:
    while name in graph:
        name += "_"
    return name


def _inner(graph: Graph, node: str, direction: str, shape: Shape) -> str:
    """Append ⟨node, direction⟩ with the direction as a new input."""
    tape = GraphTape(graph)
    add_input(graph, direction, shape)
    product = tape.gate("mul", node, direction)
    return tape.gate("sum", product, axis=None, keepdims=False) if shape else product
