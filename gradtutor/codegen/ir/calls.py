"""What a script's lines are made of: arrays, the values in them, and calls.

>>> seen_as(Array((8, "N"), name="z"), ("N", 8))
'z.reshape(-1, 8)'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gradtutor.gates import Shape
from gradtutor.gates.shapes import size_product

#: Functions that answer True or False for every element.
MASKS = {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}


@dataclass
class Array:
    """Memory for one value, or for several that follow each other in place."""

    shape: Shape
    dtype: str = "float32"
    name: str = ""
    external: bool = False
    filling: str = ""  # what it is filled with when it is made
    spaced: bool = False  # a matrix whose rows stand a little further apart


@dataclass
class Value:
    """What a call computes; ``array`` is where it is kept."""

    shape: Shape
    array: Array
    node: str | None = None
    text: str = ""  # how it is written where it is a view of the array


@dataclass
class Call:
    """One line of the script: a template in a, b, c and out."""

    template: str
    args: list[Any]  # node names, Values or literal texts
    out: Value | None
    ufunc: str = ""
    scalar: str = ""  # the name that a number is given
    node: str = ""
    others: list[Value] = field(default_factory=list)  # what a loop writes besides
    inside: tuple[str, ...] = ()  # nodes that it computes without writing them

    @property
    def outs(self) -> list[Value]:
        """All that the call writes."""
        return ([self.out] if self.out else []) + self.others


def seen_as(array: Array, shape: Shape) -> str:
    """Write an array, reshaped where it is seen in another shape than its own."""
    if array.shape == shape:
        return array.name
    sizes = ", ".join("-1" if isinstance(size, str) else str(size) for size in shape)
    return f"{array.name}.reshape({sizes})"


def overwritable(value: Value, shape: Shape) -> bool:
    """Whether numbers of this shape may take a value's place."""
    array = value.array
    plain = array.dtype == "float32" and not array.filling
    return plain and size_product(value.shape) == size_product(shape)
