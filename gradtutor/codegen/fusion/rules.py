"""What a loop over elements may be on a target: all that differs between schedules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gradtutor.codegen.ir.memory import BYTES
from gradtutor.codegen.ir.operands import Array
from gradtutor.codegen.ir.ops import Op


def of_each_element(op: Op) -> bool:
    """Whether each element of a result depends on those at its place alone."""
    return op.elementwise


@dataclass(frozen=True)
class LoopRules:
    """A target's rules.

    Attributes
    ----------
    fits : callable
        Whether an operation's elements may be made inside a loop.
    heads : frozenset of str
        Sums and products whose loop may go on with what reads their elements.
    unrelated : bool
        Whether operations share a loop that read nothing of each other.
    reaches_over : bool
        Whether an operation may come earlier than others that do not need it.
    parallel : bool
        Whether loops wait for those alone that make what they read; otherwise each
        waits for the one before it.
    forward_apart : bool
        Whether the lines of the forward half are printed apart, so that no loop
        reaches over the loss.
    least : int
        From how many operations on a loop is worth it.
    most_arrays : int or None
        How many arrays a loop may read and write; None for any number.
    moves_later : bool
        Whether a loop leaves to a later one what it would only store for that.
    bytes : mapping
        Of each type how many bytes an element takes, where those are not 4.
    """

    fits: Callable[[Op], bool] = of_each_element
    heads: frozenset[str] = frozenset()
    unrelated: bool = True
    reaches_over: bool = True
    parallel: bool = False
    forward_apart: bool = True
    least: int = 1
    most_arrays: int | None = None
    moves_later: bool = True
    bytes: Mapping[str, int] = field(default_factory=lambda: BYTES)

    def width(self, array: Array | None) -> int:
        """Return how many bytes an element of an array, or of an input, takes."""
        return self.bytes.get(array.dtype, 4) if array else 4
