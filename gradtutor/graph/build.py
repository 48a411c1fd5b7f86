"""Build a computation graph: inputs, numbers and gates, with a copy gate at every fork.

>>> graph = new_graph()
>>> x = add_input(graph, "x")
>>> f = add_gate(graph, "mul", x, x, name="f")
>>> arguments(graph, f)
['x.copy', 'x.copy']
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NotRequired, TypeAlias, TypedDict

import networkx as nx

from gradtutor.gates import (
    COPY,
    GATES,
    Attributes,
    Pointwise,
    Shape,
    broadcast_shapes,
)

# The dictionaries _node, _succ and _pred are networkx's own storage; its public views
# of them cost a microsecond a look: most of the time on a graph of 10,000 gates.
Graph: TypeAlias = nx.MultiDiGraph
#: A wire: source node, target node, argument position at the target.
Wire = tuple[str, str, int]
Span = tuple[int, int]


class NodeData(TypedDict):
    """What a graph keeps of a node.

    Attributes
    ----------
    gate : str
        The gate's name; ``input``, ``number`` and ``copy`` are no gates of the table.
    name : str, optional
        What the text calls it.
    shape : Shape
        None where it follows from values to come.
    span : tuple of int, optional
        Where it stands in the text.
    attrs : mapping
        A gate's attributes, whole.
    value, text : float, str
        A number's value, and how it was written.
    role : str
        An input's: ``input``, ``parameter``, ``label``, ...
    rate : float
        Of a mask: the share that it drops.
    """

    gate: str
    name: str | None
    shape: Shape
    span: Span | None
    attrs: NotRequired[Attributes]
    value: NotRequired[Any]
    text: NotRequired[str]
    role: NotRequired[str]
    rate: NotRequired[float]


def node_data(graph: Graph, node: str) -> NodeData:
    """Return a node's attributes.

    They are the graph's own: what is changed in them is changed in the graph.
    """
    data: NodeData = graph._node[node]
    return data


def node_gate(graph: Graph, node: str) -> str:
    """Return the name of a node's gate; ``input`` and ``number`` are the leaves'."""
    gate: str = graph._node[node]["gate"]
    return gate


def node_shape(graph: Graph, node: str) -> Shape:
    """Return a node's shape; None where it is not known yet."""
    shape: Shape = graph._node[node]["shape"]
    return shape


@contextmanager
def paused_collector() -> Iterator[None]:
    """Hold Python's cycle collector while a large graph is built: a third of the time.

    A graph under construction is all live, so every scan of it finds nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def new_graph(source: str = "") -> Graph:
    """Return an empty graph made from this source text."""
    return nx.MultiDiGraph(source=source, output=None)


def copied(graph: Graph) -> Graph:
    """Return a copy whose nodes and wires can change without the original's.

    The same as ``graph.copy()``, in a quarter of the time: wires have no attributes.
    """
    result = nx.MultiDiGraph(**graph.graph)
    for node, data in graph._node.items():
        result._node[node] = data.copy()
        result._succ[node], result._pred[node] = {}, {}
    for source, targets in graph._succ.items():
        for target, keys in targets.items():
            fresh: dict[int, dict[str, Any]] = {position: {} for position in keys}
            result._succ[source][target] = result._pred[target][source] = fresh
    return result


def add_input(
    graph: Graph,
    name: str,
    shape: Shape = (),
    *,
    role: str = "input",
    span: Span | None = None,
) -> str:
    """Add a named input; ``role`` is ``input``, ``parameter`` or ``label``."""
    graph.add_node(name, gate="input", name=name, shape=shape, role=role, span=span)
    return name


def add_number(
    graph: Graph, value: float, text: str | None = None, span: Span | None = None
) -> str:
    """Add a constant, which keeps the text it was written as."""
    node = f"number.{len(graph)}"
    graph.add_node(
        node,
        gate="number",
        name=None,
        shape=(),
        value=float(value),
        text=text or repr(float(value)).removesuffix(".0"),
        span=span,
    )
    return node


def add_gate(
    graph: Graph,
    gate: str,
    *args: str,
    name: str | None = None,
    span: Span | None = None,
    **attrs: Any,
) -> str:
    """Add a gate on these argument nodes and return its id.

    Raises
    ------
    gradtutor.gates.ShapeMismatchError
        When the arguments' shapes do not fit the gate.
    """
    nodes = graph._node
    attrs = whole_attributes(gate, attrs)
    shape = gate_shape(gate, tuple([nodes[arg]["shape"] for arg in args]), attrs)
    return place_gate(graph, gate, args, shape, name=name, span=span, attrs=attrs)


def become_gate(graph: Graph, node: str, gate: str, *args: str, **attrs: Any) -> None:
    """Make an input a gate on these nodes; readers, shape and place stay."""
    whole = whole_attributes(gate, attrs)
    data = graph._node[node]
    data.pop("role", None)
    data.update(gate=gate, name=None, attrs=whole)
    for position, arg in enumerate(args):
        graph.add_edge(_tap(graph, arg), node, position)


def whole_attributes(gate: str, attrs: dict[str, Any]) -> dict[str, Any]:
    """Return a gate's attributes with the declared value of each that is left out."""
    keywords = getattr(GATES.get(gate), "keywords", None)
    if not keywords or len(attrs) == len(keywords):
        return attrs
    return attrs | {key: keywords[key] for key in keywords if key not in attrs}


def place_gate(
    graph: Graph,
    gate: str,
    args: Sequence[str],
    shape: Shape | None,
    *,
    name: str | None,
    span: Span | None,
    attrs: Attributes,
) -> str:
    """Add a gate whose shape is known, or None where it follows from values to come."""
    node = name or f"{gate}.{len(graph)}"
    graph.add_node(node, gate=gate, name=name, shape=shape, span=span, attrs=attrs)
    for position, arg in enumerate(args):
        graph.add_edge(_tap(graph, arg), node, position)
    return node


def gate_shape(
    gate: str, shapes: tuple[Shape | None, ...], attrs: Attributes
) -> Shape | None:
    """Return the shape of a gate's output; None when an argument's is not known yet."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes):
        return None
    if gate == COPY:
        return known[0]
    entry = GATES[gate]
    if isinstance(entry, Pointwise):
        return broadcast_shapes(*known)
    return entry.shape(tuple(known), attrs)


def _tap(graph: Graph, source: str) -> str:
    """Where a new reader draws this value: at the node, or at its copy gate."""
    readers = graph._succ[source]
    if not readers or graph._node[source]["gate"] == COPY:
        return source
    reader, keys = next(iter(readers.items()))
    if graph._node[reader]["gate"] == COPY:
        return str(reader)
    copy = f"{source}.copy"
    data = graph._node[source]
    graph.add_node(
        copy, gate=COPY, name=None, shape=data["shape"], span=data["span"], attrs={}
    )
    (position,) = keys
    graph.remove_edge(source, reader, position)
    graph.add_edge(source, copy, 0)
    graph.add_edge(copy, reader, position)
    return copy


def arguments(graph: Graph, node: str) -> list[str]:
    """Return the nodes wired to this one, in argument order."""
    sources = graph._pred[node]
    if len(sources) == 1:  # one argument, or the same copy gate at several positions
        (source,) = sources
        return [source] * len(sources[source])
    if len(sources) == 2:
        (one, first), (other, second) = sources.items()
        if len(first) == len(second) == 1:
            return [one, other] if min(first) < min(second) else [other, one]
    found = [
        (position, source) for source, keys in sources.items() for position in keys
    ]
    found.sort()
    return [source for _, source in found]


def origin(graph: Graph, node: str) -> str:
    """See through a copy gate: return the node whose value it repeats."""
    while graph._node[node]["gate"] == COPY:
        (node,) = graph._pred[node]
    return node


def operands(graph: Graph, node: str) -> list[str]:
    """Return a gate's arguments, seen through copies."""
    return [origin(graph, arg) for arg in arguments(graph, node)]


def readers(graph: Graph, node: str) -> list[Wire]:
    """Return the wires that carry this node's value out, in a stable order."""
    return [
        (node, target, position)
        for target, keys in graph._succ[node].items()
        for position in keys
    ]
