"""Append gates to a graph as an adjoint asks for them, nothing twice, nothing idle."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from gradtutor.gates import Shape
from gradtutor.graph import (
    Graph,
    add_gate,
    add_number,
    node_data,
    node_gate,
    node_shape,
    operands,
)

#: Of numbers alone.
ARITHMETIC: dict[str, Callable[..., float]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
}
#: How deep a constant's arithmetic is looked through.
DEPTH = 6


class GraphTape:
    """The tape that adjoints, recipes and opened composites write on.

    A gate already on the tape with the same arguments is used again, and a product
    with the constant 1 (the seed of the backward pass) is left out.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._made: dict[object, str] = {}

    def shape(self, node: str) -> Shape:
        """Shape of a node's output."""
        shape: Shape = node_shape(self.graph, node)
        return shape

    def number(self, value: float) -> str:
        """Append a constant, one for each use: a constant is not worth a copy gate."""
        return add_number(self.graph, value)

    def _identity(self, node: str) -> str | float:
        """Return what makes two uses of an argument the same: a number is its value."""
        value = self._value(node)
        return node if value is None else value

    def _value(self, node: str) -> float | None:
        """Return the value of a constant; None of any other node."""
        value: float | None = None
        if node_gate(self.graph, node) == "number":
            value = node_data(self.graph, node)["value"]
        return value

    def gate(self, name: str, *args: str, **attrs: Any) -> str:
        """Append a gate on these nodes, or return the one that is there."""
        short = self._shortcut(name, args, attrs)
        if short is not None:
            return short
        key = (name, *map(self._identity, args), *attrs.items())
        if key not in self._made:
            self._made[key] = add_gate(self.graph, name, *args, **attrs)
        return self._made[key]

    def made(self, name: str, *args: str, **attrs: Any) -> str | None:
        """Return the gate on these nodes, if it is on the tape."""
        return self._made.get((name, *map(self._identity, args), *attrs.items()))

    def _shortcut(
        self, name: str, args: tuple[str, ...], attrs: Mapping[str, Any]
    ) -> str | None:
        """Return 1·x, and the sign or product of numbers, without a gate."""
        if name == "transpose":
            return self._turned_back(args[0], attrs)
        if name in ("equal", "where"):
            return self._decided(name, args)
        if name not in ("mul", "neg"):
            return None
        match name, [self._value(arg) for arg in args]:
            case "mul", [float(a), float(b)]:
                return self.number(a * b)
            case "neg", [float(a)]:
                return self.number(-a)
            case "mul", [-1.0, _]:
                return self.gate("neg", args[1])
            case "mul", [a, _] if a == 1.0 or self._all_ones(args[0], args[1]):
                return args[1]
            case "mul", [_, b] if b == 1.0 or self._all_ones(args[1], args[0]):
                return args[0]
            case "mul", [a, b]:
                return self._by_copied_number(args, a) or self._by_copied_number(
                    args[::-1], b
                )
        return None

    def _decided(self, name: str, args: tuple[str, ...]) -> str | None:
        """Return a comparison of constants, 2/3 == 0, and the branch it chooses."""
        if name == "equal":
            a, b = map(self._constant, args)
            return None if a is None or b is None else self.number(float(a == b))
        test, *branches = args
        decided = self._value(test)
        if decided is None:
            return None
        chosen, other = branches if decided else branches[::-1]
        whole = self.shape(other) in ((), self.shape(chosen))
        return chosen if whole else None

    def _constant(self, node: str, depth: int = DEPTH) -> float | None:
        """Return the value of numbers and of what + - * / make of them, as 2/3."""
        gate = node_gate(self.graph, node)
        if gate not in ARITHMETIC or not depth:
            return self._value(node)
        numbers = [self._constant(a, depth - 1) for a in operands(self.graph, node)]
        known = [x for x in numbers if x is not None]
        if len(known) < len(numbers) or (gate == "div" and not known[1]):
            return None
        return ARITHMETIC[gate](*known)

    def _turned_back(self, node: str, attrs: Mapping[str, Any]) -> str | None:
        """Return the matrix that a node is the transpose of, instead of its own."""
        data = node_data(self.graph, node)
        plain = not attrs.get("axes") and data["gate"] == "transpose"
        if not plain or data["attrs"].get("axes") or data["name"]:
            return None
        return operands(self.graph, node)[0]

    def _by_copied_number(
        self, args: tuple[str, ...], other: float | None
    ) -> str | None:
        """Write x · broadcast(n) as n · x, and m · broadcast(n) as broadcast(m n)."""
        tensor, copied = args
        data = node_data(self.graph, copied)
        if data["gate"] != "broadcast":
            return None
        source, like = operands(self.graph, copied)
        value = self._value(source)
        if value is None:
            return None
        if other is not None:
            product = self.number(other * value)
            return self.gate("broadcast", product, like, **data["attrs"])
        if data["shape"] == self.shape(tensor):
            return self.gate("mul", self.number(value), tensor)
        return None

    def _all_ones(self, node: str, other: str) -> bool:
        """Whether a node is the constant 1, copied to the other node's shape."""
        data = node_data(self.graph, node)
        if data["gate"] != "broadcast" or data["shape"] != self.shape(other):
            return False
        return self._value(operands(self.graph, node)[0]) == 1.0


def unbroadcast(tape: GraphTape, gradient: str, shape: Shape) -> str:
    """Sum a gradient over the axes along which its argument was broadcast."""
    given = tape.shape(gradient)
    extra = len(given) - len(shape)
    if extra > 0:
        gradient = tape.gate("sum", gradient, axis=tuple(range(extra)))
    ones = tuple(
        i
        for i, (size, was) in enumerate(zip(shape, given[extra:], strict=False))
        if size == 1 != was
    )
    return tape.gate("sum", gradient, axis=ones, keepdims=True) if ones else gradient
