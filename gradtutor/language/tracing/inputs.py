"""A model's inputs: each lies in memory as its first use wants; several are one X.

Several inputs become columns of one ``X``, side by side, since data are one array: each
is cut out of it and brought to its own axes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import networkx as nx

from gradtutor.graph import add_input, become_gate, node_data
from gradtutor.language.layers.items import Item
from gradtutor.language.program.array_values import Batch, OpenSizes
from gradtutor.language.program.data.probing import NeedsInputError
from gradtutor.language.program.values import Tensor
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.layers.builder import Builder

#: Stands for an input until its first use tells how it lies in memory.
PENDING = "pending"
Sizes = tuple[int, ...]


def _in_order(net: Builder) -> None:
    """Bring a graph's nodes into an order in which each comes after its arguments."""
    graph = net.graph
    place = {node: i for i, node in enumerate(graph)}
    order = list(nx.lexicographical_topological_sort(graph, key=place.__getitem__))
    kept = {node: node_data(graph, node) for node in order}
    graph._node.clear()
    graph._node.update(kept)


class Inputs:
    """The inputs of a model being traced.

    Attributes
    ----------
    shapes : list
        The axes of one example of each, as the text counts them; None before they are
        known.
    names : list of str
        What the text calls each.
    """

    def __init__(self, net: Builder, shape: Sizes | None) -> None:
        self.net = net
        self.time_first = False  # whether a text counts the steps before the examples
        self.alone = False  # whether a text has one sequence, without its batch
        self.shapes: list[Sizes | None] = [shape]
        self.names = ["X"]
        self.placed: dict[int, Tensor] = {}
        self.kinds: dict[int, str] = {}  # the layer that takes each first
        self.keys: list[str] = []  # what a program takes its argument apart by

    def add(self, shape: Sizes | None, name: str) -> Tensor:
        """Add an input besides the first."""
        self.shapes.append(shape)
        self.names.append(name)
        return self.stand_in(len(self.shapes) - 1)

    def stand_in(self, number: int) -> Tensor:
        """Return what stands for an input before its first use."""
        shape = self.shapes[number] or ()
        return Tensor(f"{PENDING}.{number}", tuple(range(len(shape) + 1)))

    def part(self, number: int) -> Tensor:
        """Return an input by its number, where a program takes its argument apart."""
        while len(self.shapes) <= number:
            self.add(None, f"x{len(self.shapes) + 1}")
        return self.stand_in(number)

    def named_part(self, key: int | str) -> Tensor:
        """Return inputs[0] or inputs["image"], in the order that a program asks."""
        if isinstance(key, int):
            return self.part(max(key, 0))
        if key not in self.keys:
            self.keys.append(key)
        found = self.part(self.keys.index(key))
        self.names[self.keys.index(key)] = key
        return found

    @staticmethod
    def number(value: Any) -> int | None:
        """Return which input a value is, not used yet; None for any other value."""
        if isinstance(value, Tensor) and value.node.startswith(PENDING):
            return int(value.node.rpartition(".")[2])
        return None

    def check_known(self, number: int, item: Item) -> None:
        """Stop at the first layer where an input's shape is to be found by it."""
        self.kinds.setdefault(number, item.kind)
        if self.shapes[number] is not None:
            return
        if number == 0 or self.shapes[0] is None:
            raise NeedsInputError(item, len(self.shapes))
        first = self.shapes[0]
        alike = self.kinds.get(0, item.kind) == item.kind or len(first) == 1
        width = item.arguments.get("in_features")
        self.shapes[number] = (width,) if width and len(first) < 2 else first
        if not alike and not width:
            self.shapes[number] = first

    def settled(self, number: int, use: str) -> Tensor:
        """Append an input in the order that its first use wants."""
        self.check_known(number, Item(use or "linear", {}, (0, 1)))
        if number not in self.placed:
            shape = self.shapes[number] or ()
            self.placed[number] = self._placed(tuple(shape), use, self.node(number))
        return self.placed[number]

    def node(self, number: int) -> str:
        """Return the name of an input's node."""
        return "X" if number == 0 else f"X.{number}"

    def any_placed(self) -> Tensor:
        """Return an input that has been used, or the first."""
        return next(iter(self.placed.values()), None) or self.settled(0, "linear")

    def as_rows(self, number: int) -> Tensor:
        """Append an input as rows (N, features), whatever its axes."""
        if number not in self.placed:
            name, width = self.node(number), math.prod(self.shapes[number] or ())
            add_input(self.net.graph, name, ("N", width))
            self.placed[number] = Tensor(name, (0, 1))
        return self.placed[number]

    def _placed(self, shape: Sizes, use: str, name: str) -> Tensor:
        net, rank = self.net, len(shape)
        if self.time_first and rank == 1:
            return Tensor(add_input(net.graph, name, ("N", *shape)), (1, 0))
        if use == "rows" and rank > 1:
            node = add_input(net.graph, name, ("N", math.prod(shape)))
            net.node = node
            whole = net.reshape(node, ("N", *shape), Item("input", {}, (0, 1), "this"))
            return Tensor(whole, tuple(range(rank + 1)))
        if rank <= 1:
            node = add_input(net.graph, name, ("N", *shape))
            return Tensor(node, tuple(range(rank + 1)))
        if use == "channels_last":
            net.channels_last = True
            add_input(net.graph, name, (shape[-1], *shape[:-1], "N"))
            return Tensor(name, (rank, *range(1, rank), 0))
        first = self.time_first and rank == 2
        if not first and (use == "steps" or (use != "channels_first" and rank == 2)):
            add_input(net.graph, name, (shape[0], "N", *shape[1:]))
            return Tensor(name, (1, 0, *range(2, rank + 1)))
        if use == "time_first" or (self.time_first and rank == 2):
            self.time_first = True
            add_input(net.graph, name, (shape[0], "N", *shape[1:]))
            return Tensor(name, tuple(range(rank + 1)))
        add_input(net.graph, name, (*shape, "N"))
        return Tensor(name, (rank, *range(rank)))

    def sizes(self, number: int) -> tuple[Any, ...]:
        """Return an input's axes as the text counts them."""
        shape = self.shapes[number]
        if shape is None:
            return OpenSizes([Batch(), None, None, None])
        if self.time_first and shape:
            return (shape[0], Batch(), *shape[1:])
        return (Batch(), *shape)

    def need_axes(self, count: int) -> NeedsInputError:
        """Return that so many axes are wanted of the first input."""
        kinds = {2: Item("linear"), 3: Item("rnn"), 4: Item("conv", {"rank": 2})}
        return NeedsInputError(kinds.get(count, Item("linear")), len(self.shapes))

    # ---- several as one ----

    def join(self) -> None:
        """Make several inputs one X, (N, all their numbers), each a part of it."""
        numbers = [i for i in range(len(self.shapes)) if self.node(i) in self.net.graph]
        if len(numbers) < 2:
            return
        graph = self.net.graph
        moved = [(one, f"{one}.part") for one in ("X", "X.copy") if one in graph]
        nx.relabel_nodes(graph, dict(moved), copy=False)
        sizes = [math.prod(self.shapes[i] or ()) for i in numbers]
        add_input(graph, "X", ("N", sum(sizes)))
        names = [self.names[i] for i in numbers]
        self.net.joined = tuple(zip(names, sizes, strict=True))
        start = 0
        for number, size in zip(numbers, sizes, strict=True):
            node = "X.part" if number == 0 else self.node(number)
            self._cut(node, number, (start, start + size))
            start += size
        _in_order(self.net)
        shown = ", ".join(f"{self.names[i]} {self.shapes[i]}" for i in numbers)
        self.net.channels_last = False
        self.net.notes.append(
            tr("X holds the inputs side by side: {shown}", shown=shown)
        )

    def _cut(self, node: str, number: int, ends: tuple[int, int]) -> None:
        """Make an input's node a part of X, in the order that it has."""
        net, at = self.net, Item("input", {}, (0, 1), self.names[number])
        shape, order = self.shapes[number] or (), self.placed[number].order
        cuts = ((0, None, 1), (*ends, 1))
        steps: list[tuple[str, dict[str, Any]]] = [("slice", {"cuts": cuts})]
        flat = len(net.graph.nodes[node]["shape"]) == 2
        if len(shape) != 1 and not flat:
            steps.append(("reshape", {"shape": (-1, *shape)}))
        if order != tuple(range(len(order))) and not flat:
            axes = tuple(order.index(i) for i in range(len(order)))
            steps.append(("transpose", {"axes": axes}))
        source = "X"
        for gate, attrs in steps[:-1]:
            source = net.gate(gate, source, layer=at, **attrs)
        gate, attrs = steps[-1]
        become_gate(net.graph, node, gate, source, **attrs)
