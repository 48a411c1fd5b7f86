"""Numbers that are copied to a shape as numbers again: NumPy broadcasts by itself."""

from __future__ import annotations

from typing import Any

from gradtutor.gates import COPY, GATES, LEAVES, Pointwise, Shape
from gradtutor.graph import (
    Graph,
    NodeData,
    new_graph,
    operands,
    place_gate,
    topological_order,
)
from gradtutor.graph.build import add_number

#: What a number by itself is left as it is by.
SUMMARIES = ("sum", "mean", "amax", "amin", "broadcast", "stop_gradient")


def with_bare_numbers(graph: Graph) -> tuple[Graph, dict[str, str]]:
    """Return the graph without copies of numbers that only meet whole tensors.

    Returns
    -------
    Graph, dict
        The graph, and for each node of the one given the node in it.
    """
    rewriting = _Rewriting(graph)
    for node in topological_order(graph, list(graph)):
        rewriting.place(node)
    return rewriting.result, {node: rewriting.whole(node) for node in rewriting.order}


class _Rewriting:
    def __init__(self, graph: Graph) -> None:
        self.graph, self.result = graph, new_graph(graph.graph["source"])
        self.made: dict[str, str] = {}
        #: The number that each element of a node is.
        self.number: dict[str, str] = {}
        self.order: list[str] = []
        self.placed: dict[object, str] = {}

    def place(self, node: str) -> None:
        """Place a node, or what its elements are."""
        data, args = self.graph.nodes[node], operands(self.graph, node)
        self.order.append(node)
        if data["gate"] == COPY:
            for known in (self.made, self.number):
                known.update({node: known[args[0]]} if args[0] in known else {})
        elif data["gate"] in LEAVES:
            self.made[node] = data["name"] or f"number.{len(self.result)}"
            self.result.add_node(self.made[node], **data)
        elif data["gate"] == "broadcast" and self._scalar(args[0]):
            self.number[node] = self._scalar(args[0])
        elif data["gate"] == "transpose" and len(data["shape"]) < 2:
            self.made[node] = self.whole(args[0])  # a vector is its own transpose
        elif data["gate"] == "size" and self.graph.nodes[args[0]]["shape"] == ():
            self.made[node] = add_number(self.result, 1.0)
        elif data["gate"] in SUMMARIES and self.graph.nodes[args[0]]["shape"] == ():
            self.made[node] = self.whole(args[0])
        elif isinstance(GATES[data["gate"]], Pointwise):
            self._pointwise(node, args)
        else:
            self.made[node] = self._gate(node, [self.whole(arg) for arg in args])

    def _scalar(self, node: str) -> str:
        """Return the number that a node is, or that each of its elements is."""
        if node in self.number:
            return self.number[node]
        return self.made[node] if self.graph.nodes[node]["shape"] == () else ""

    def _pointwise(self, node: str, args: list[str]) -> None:
        shape = self.graph.nodes[node]["shape"]
        scalars = [self._scalar(arg) for arg in args]
        if shape and all(scalars):
            self.number[node] = self._gate(node, scalars, ())
            return
        whole = any(
            not scalar and self.graph.nodes[arg]["shape"] == shape
            for arg, scalar in zip(args, scalars, strict=True)
        )
        sources = [
            scalar if whole and scalar else self.whole(arg)
            for arg, scalar in zip(args, scalars, strict=True)
        ]
        self.made[node] = self._gate(node, sources)

    def whole(self, node: str) -> str:
        """Return a node at its full shape, copied to it if need be."""
        if node not in self.made:
            gate = self.graph.nodes[node]
            like = self._like(node)
            attrs = {"axis": ()}
            self.made[node] = place_gate(
                self.result,
                "broadcast",
                [self.number[node], like],
                gate["shape"],
                name=gate["name"],
                span=gate["span"],
                attrs=attrs,
            )
        return self.made[node]

    def _like(self, node: str) -> str:
        """Return a node of the same shape that does not come from copies."""
        shape = self.graph.nodes[node]["shape"]
        for other, place in self.made.items():
            if self.graph.nodes[other]["shape"] == shape:
                return place
        args = operands(self.graph, node)
        return self.whole(args[1])

    def _gate(self, node: str, args: list[str], shape: Shape | None = None) -> str:
        """Place a gate, or return the one that does the same: once is enough."""
        data = self.graph.nodes[node]
        known = [self._identity(arg) for arg in args]
        key = (data["gate"], *known, *data["attrs"].items())
        if data["name"] or key not in self.placed:
            self.placed[key] = self._placed(data, args, shape)
        return self.placed[key]

    def _identity(self, node: str) -> object:
        data = self.result.nodes[node]
        return data["value"] if data["gate"] == "number" else node

    def _placed(self, data: NodeData, args: list[str], shape: Shape | None) -> str:
        return place_gate(
            self.result,
            data["gate"],
            args,
            data["shape"] if shape is None else shape,
            name=data["name"],
            span=data["span"],
            attrs=self._attrs(data, args),
        )

    def _attrs(self, data: NodeData, args: list[str]) -> dict[str, Any]:
        """Return a gate's settings; kept axes are named, as PyTorch needs it."""
        attrs = data["attrs"]
        if attrs.get("keepdims") and attrs.get("axis") is None:
            rank = len(self.result.nodes[args[0]]["shape"])
            return {**attrs, "axis": tuple(range(rank))}
        return dict(attrs)
