"""X and y of a formula: the parts of a data set that its inputs and its target are."""

from __future__ import annotations

import keyword
import math
from dataclasses import dataclass

from gradtutor.gates import GATES, Shape
from gradtutor.graph import (
    Graph,
    add_gate,
    add_input,
    dependents,
    operands,
)

#: Names that a target usually has.
TARGETS = ("y", "target", "targets", "label", "labels", "t", "Y", "truth", "y_true")


#: Names that the functions of a script use themselves: no value may have them.
TAKEN = frozenset((
    *("X", "y", "N", "np", "math", "rng", "clock", "parameters", "gradients", "len"),
    *("float", "int", "zip", "range", "tuple", "print", "True", "False", "None"),
    *keyword.kwlist, *GATES,
))  # fmt: skip
#: Losses, by the gate that takes the answer, that count right answers.
LABELLED = "cross_entropy"


@dataclass(frozen=True)
class Data:
    """What a formula reads of a data set.

    Attributes
    ----------
    names : tuple of str
        Its inputs, in the order in which they stand in X.
    target : str
        What it compares with, or nothing.
    """

    names: tuple[str, ...]
    target: str


def add_data(graph: Graph, plain: Graph, data: Data, made: dict[str, str]) -> None:
    """Append X and y, and each of the formula's own inputs as a part of them."""
    sizes = [size_of(plain.nodes[name]["shape"]) for name in data.names]
    first = plain.nodes[data.names[0]]
    whole = add_input(graph, "X", ("N", sum(sizes)), span=first["span"])
    start = 0
    for name, size in zip(data.names, sizes, strict=True):
        shape = plain.nodes[name]["shape"]
        part = whole
        if len(sizes) > 1:
            part = _cut(
                graph, whole, start, start + size, name if len(shape) == 2 else ""
            )
        made[name] = _shaped(graph, part, shape, name)
        start += size
    if data.target:
        made[data.target] = _add_target(graph, plain, data.target)
    else:  # nothing is compared: the examples themselves stand in its place
        add_input(graph, "y", ("N", sum(sizes)), role="label")


def size_of(shape: Shape) -> int:
    """Return how many numbers an example of a shape (N, ...) has."""
    return math.prod(int(size) for size in shape[1:])


def _cut(graph: Graph, whole: str, start: int, stop: int, name: str) -> str:
    named = _own_name(graph, name) if name else None
    cuts = ((0, None, 1), (start, stop, 1))
    return add_gate(graph, "slice", whole, name=named, cuts=cuts)


def _own_name(graph: Graph, name: str) -> str | None:
    """Return an input's name for its part of X or y, unless it is one of these."""
    return None if name in TAKEN or name in graph else name


def _shaped(graph: Graph, part: str, shape: Shape, name: str) -> str:
    """Return a part of X in the shape that the formula declares, by its name."""
    if len(shape) == 2:
        return part
    named = _own_name(graph, name)
    return add_gate(graph, "reshape", part, name=named, shape=(-1, *shape[1:]))


def _add_target(graph: Graph, plain: Graph, name: str) -> str:
    """Append y: labels as they are, numbers in rows."""
    found = plain.nodes[name]
    labels = found["role"] == "label" or _is_stepped(plain, name)
    shape = ("N", *found["shape"][1:])
    rows = shape if labels else ("N", size_of(shape))
    y = add_input(graph, "y", rows, role="label", span=found["span"])
    return y if labels or len(shape) == 2 else _shaped(graph, y, shape, name)


def _is_stepped(graph: Graph, name: str) -> bool:
    """Whether a target is read as labels once it is in one row: y.reshape(-1)."""
    below = dependents(graph, [name])
    return any(
        graph.nodes[node]["gate"] == LABELLED
        and _origin(graph, operands(graph, node)[1]) == name
        for node in below
    ) or any(
        graph.nodes[node]["gate"] == "one_hot"
        and _origin(graph, operands(graph, node)[0]) == name
        for node in below
    )


def _origin(graph: Graph, node: str) -> str:
    """See through reshapes."""
    while graph.nodes[node]["gate"] == "reshape":
        (node,) = operands(graph, node)
    return node
