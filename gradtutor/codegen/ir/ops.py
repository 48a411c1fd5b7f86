"""An operation of a step, and what is known of each kind.

A kind is a gate's name, one of NumPy's functions of each element, or one of those that
a pass makes (``loop``, ``copy``, …). Passes ask for kinds and settings; only printers
write text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gradtutor.codegen.ir.operands import (
    Array,
    Operand,
    Options,
    Value,
    View,
    arrays_read,
)
from gradtutor.gates import COMPARISONS

#: Functions that answer True or False for every element.
MASKS = set(COMPARISONS)
#: The gates that take a mean, and those that add up.
SUMS = {"sum", "mean", "mean_of_ranks"}
#: Matrix products, with what follows them.
PRODUCTS = {"matmul", "matmul_relu", "matmul_where"}


@dataclass(frozen=True, eq=False)
class Op:
    """One operation: what kind, what it reads, and what it writes.

    Attributes
    ----------
    outputs : tuple
        Values, or places in values, that it writes; none where it makes a number.
    options : mapping
        The gate's settings, and those that passes chose.
    number : str
        The name of the number that it makes.
    node : str
        The node of the graph that it computes last.
    inside : tuple of str
        Nodes that it computes without writing them.
    elementwise : bool
        Whether each element depends on those at its place alone.
    """

    kind: str
    inputs: tuple[Operand, ...]
    outputs: tuple[Value | View, ...]
    options: Options = field(default_factory=dict)
    number: str = ""
    node: str = ""
    inside: tuple[str, ...] = ()
    elementwise: bool = False

    @property
    def out(self) -> Value | View:
        """The first of what it writes."""
        return self.outputs[0]

    @cached_property
    def written(self) -> tuple[Array, ...]:
        """The arrays that it writes."""
        return tuple(array_of(out) for out in self.outputs)

    @cached_property
    def read(self) -> tuple[Array, ...]:
        """The arrays that it reads, each once, in order."""
        return tuple(dict.fromkeys(a for arg in self.inputs for a in arrays_read(arg)))


def array_of(place: Value | View) -> Array:
    """Return the array that a value, or a place in one, is in."""
    while isinstance(place, View):
        inner = place.args[0]
        assert isinstance(inner, Value | View), "a place is in an array"
        place = inner
    return place.array


def array_behind(operand: Operand) -> Array | None:
    """Return the array that an operand is, unmoved."""
    return operand.array if isinstance(operand, Value) else None


def makers_of(ops: Sequence[Op]) -> dict[Array, Op]:
    """Return which operation writes each array."""
    return {array: op for op in ops for array in op.written}


def readers_of(ops: Sequence[Op]) -> dict[Array, list[Op]]:
    """Return the operations that read each array, in order."""
    found: dict[Array, list[Op]] = {}
    for op in ops:
        for array in op.read:
            found.setdefault(array, []).append(op)
    return found
