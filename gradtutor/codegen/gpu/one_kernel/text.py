"""The loops of a step as CUDA: a thread takes an element, or several share it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from gradtutor.codegen.fusion.loops import LoopPrinter
from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.codegen.gpu.one_kernel.places import (
    Coordinates,
    Here,
    aligned,
    element,
    split,
)
from gradtutor.codegen.gpu.one_kernel.refusing import refuse
from gradtutor.codegen.gpu.writers import reduced_axes
from gradtutor.codegen.ir.operands import Array, Input, Operand
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.size import Size, product
from gradtutor.gates import COMPARISONS

#: Who adds up the terms of an element: one thread; the warps of a block, a slice each,
#: for the 32 elements of a tile; or all threads of a block.
Way = Literal["thread", "slices", "block"]
#: From how many terms on several threads share a sum, and how many elements a tile has.
LONG, WARP = 128, 32
#: The longest line of a loop.
WIDEST = 72
OPENINGS: dict[Way, str] = {
    "thread": "for (int i = first; i < {size}; i += threads) {{",
    "slices": "for (int tile = blockIdx.x; 32 * tile < {size}; tile += gridDim.x) {{",
    "block": "for (int i = blockIdx.x; i < {size}; i += gridDim.x) {{",
}
#: At which term each begins, and how it goes on.
STEPS: dict[Way, tuple[str, str]] = {
    "thread": ("0", "++k"),
    "slices": ("slice", "k += SLICES"),
    "block": ("thread", "k += blockDim.x"),
}
#: Places along two axes.
NAMES = ("row", "column")


@dataclass
class LoopText(LoopPrinter):
    """The lines of one loop.

    Attributes
    ----------
    gates : list of str
        What is done to each element once its terms are added up.
    """

    gates: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._finish_sum()
        super().__post_init__()

    def _finish_sum(self) -> None:
        """Store a sum, or make a mean of it."""
        head, terms = self.group.head, self.terms
        if head is None or terms is None:
            return
        mean, (array,) = head.kind == "mean", head.written
        count = terms[0].text
        text = f"sum / ({count})" if " " in count else f"sum / {count}"
        if array in self.stored or mean:
            self._assign(array, text if mean else "sum")
        else:
            self.made[array] = "sum"

    def lines(self) -> Iterator[str]:
        """Yield the loop's lines."""
        head, terms, way = self.group.head, self.terms, self.way
        if head is not None and head.kind == "softmax_cross_entropy":
            yield from cross_entropy_lines(head)
            return
        summed = [] if terms is None else list(_summed(*terms, way, self.size))
        body = [*summed, *self._guarded()]
        yield OPENINGS[way].format(size=self.size)
        yield from _indented([*self._defined(body, way), *body])
        yield "}"

    @property
    def size(self) -> str:
        """How many elements the loop has."""
        return product(self.group.shape).text

    @cached_property
    def terms(self) -> tuple[Size, str] | None:
        """How many terms a sum has, and the k-th; None where there is no sum."""
        head = self.group.head
        summed = head is not None and head.kind != "softmax_cross_entropy"
        return self._terms(head) if summed and head is not None else None

    @cached_property
    def way(self) -> Way:
        """Who adds up an element's terms: a thread, slices, or a block."""
        terms = self.terms
        if terms is None or terms[0].at(self.program.batch) < LONG:
            return "thread"
        few = product(self.group.shape).at(self.program.batch) < WARP
        return "block" if few else "slices"

    # ---- the element's place ----

    @cached_property
    def at(self) -> Coordinates:
        """The place of the loop's element."""
        shape = self.group.shape
        if sum(not size.is_one for size in shape) < 2:
            return tuple("0" if size.is_one else "i" for size in shape)
        return NAMES if len(shape) == 2 else split(shape, "i")

    @property
    def here(self) -> Here:
        """What the loop knows of its element."""
        return Here(self.group.shape, self.at, self.made)

    def _defined(self, body: Sequence[str], way: Way) -> list[str]:
        """Say which element it is, by those names that the body has."""
        words = {word for line in body for word in re.findall(r"\w+", line)}
        parts = ["i = 32 * tile + lane"] if way == "slices" else []
        if self.at == NAMES:
            places = zip(NAMES, split(self.group.shape, "i"), strict=True)
            parts += [f"{name} = {text}" for name, text in places if name in words]
        return [f"const int {', '.join(parts)};"] if parts else []

    # ---- what is computed ----

    def _guarded(self) -> list[str]:
        """Return what one of the threads that share a sum does with it."""
        if self.way == "thread":
            return self.gates
        slices = self.way == "slices"
        mine = f"slice == 0 && i < {self.size}" if slices else "thread == 0"
        if len(self.gates) == 1:
            return [f"if ({mine}) {self.gates[0]}"]
        return [f"if ({mine}) {{", *_indented(self.gates), "}"]

    def _terms(self, head: Op) -> tuple[Size, str]:
        """Return how many terms a sum has, and the k-th."""
        if head.kind == "matmul":
            a, b = head.inputs
            if len(a.shape) != 2 or len(b.shape) != 2:
                raise refuse("products of stacks of matrices")
            row, column = self.at
            left = element(a, aligned(a.shape, (row, "k")), self.here)
            right = element(b, aligned(b.shape, ("k", column)), self.here)
            return a.shape[1], f"{left} * {right}"
        (x,) = head.inputs
        axes = reduced_axes(head.options, x.shape)
        reduced = tuple(x.shape[axis] for axis in axes)
        inner = iter(split(reduced, "k") if len(axes) > 1 else ("k",))
        kept = iter(self.at)
        at = []
        for axis in range(len(x.shape)):
            if axis not in axes or head.options.get("keepdims"):
                own = next(kept)
            at.append(next(inner) if axis in axes else own)
        place = aligned(x.shape, at)
        whole = len(axes) == len(x.shape)
        here = Here(x.shape, place, self.made, "k") if whole else self.here
        return product(reduced), element(x, place, here)

    # ---- gates of each element ----

    def line(self, op: Op, parts: list[str]) -> str:
        """Append one gate; return its element's C text."""
        kind = "bool" if op.kind in COMPARISONS else "T"
        return self._assign(op.written[0], self._gate(op, parts), kind)

    def number(self, value: float, arg: Operand) -> str:
        """Return a number as Python writes it, for `c_text`."""
        return repr(value)

    def read(self, arg: Operand, op: Op) -> str:
        """Return an element of an array, or a number of the batch's size."""
        if op.kind == "one_hot":
            return element(arg, self.at[: len(arg.shape)], self.here)
        return element(arg, aligned(arg.shape, self.at), self.here)

    def _gate(self, op: Op, parts: list[str]) -> str:
        """Return what one gate computes."""
        if op.kind == "one_hot":
            return f"{self.at[-1]} == {parts[0]}"
        return c_text(op.kind, parts)

    def _assign(self, array: Array, text: str, kind: str = "T") -> str:
        """Append what makes an array's element, in memory or a register."""
        if array in self.stored:
            place = self.here.index(self.group.shape, self.at)
            self.made[array] = f"{array.name}[{place}]"
            self.gates.append(f"{self.made[array]} = {text};")
        else:
            self.made[array] = array.name
            self.gates.append(f"const {kind} {array.name} = {text};")
        return self.made[array]


def _summed(count: Size, term: str, way: Way, size: str) -> Iterator[str]:
    """Yield the lines that add up an element's terms."""
    first, advance = STEPS[way]
    loop = f"for (int k = {first}; k < {count.text}; {advance}) sum += {term};"
    yield "T sum = 0;"
    yield from [f"if (i < {size})", f"    {loop}"] if way == "slices" else [loop]
    if way != "thread":
        yield f"sum = over_{way}(sum);"


def cross_entropy_lines(op: Op) -> Iterator[str]:
    """Yield the loss of each row and its gradient: a thread takes a row."""
    losses, slope = op.outputs
    scores, labels = op.inputs
    here = Here((), (), {})
    rows, classes = (one.text for one in scores.shape)
    z, best, first = (element(scores, ("row", k), here) for k in ("k", "label", "0"))
    each = f"for (int k = 0; k < {classes}; ++k)"
    yield f"for (int row = first; row < {rows}; row += threads) {{"
    if not isinstance(labels, Input):
        raise refuse("labels that are computed")
    yield "    const int label = targets[rows[row]];"
    yield f"    T top = {first}, total = 0;"
    yield f"    {each} top = max(top, {z});"
    yield f"    {each} total += exp({z} - top);"
    yield f"    {each}"
    slopes = element(slope, ("row", "k"), here)
    yield f"        {slopes} = (exp({z} - top) / total - (k == label)) / {rows};"
    yield f"    {element(losses, ('row',), here)} = log(total) - ({best} - top);"
    yield "}"


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
