"""The loops of a step as CUDA: a thread takes an element, or several share it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.codegen.gpu.one_kernel.loops import Loop
from gradtutor.codegen.gpu.one_kernel.places import (
    Coordinates,
    Here,
    aligned,
    element,
    split,
)
from gradtutor.codegen.gpu.one_kernel.refusing import refuse
from gradtutor.codegen.gpu.writers import reduced_axes
from gradtutor.codegen.ir.operands import Array, Input
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
class LoopText:
    """The lines of one loop.

    Attributes
    ----------
    stored : set of Array
        What lies in memory.
    batch : int
        The usual number of examples.
    own : dict
        Arrays made in the loop: the C text of their element.
    """

    loop: Loop
    stored: set[Array]
    batch: int
    own: dict[Array, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """Yield the loop's lines."""
        head = self.loop.head
        if head is not None and head.kind == "softmax_cross_entropy":
            yield from cross_entropy_lines(head)
            return
        terms, way = self.terms, self.way
        body = list(self._body(terms, way))
        yield OPENINGS[way].format(size=self.size)
        yield from _indented([*self._defined(body, way), *body])
        yield "}"

    @property
    def size(self) -> str:
        """How many elements the loop has."""
        return product(self.loop.shape).text

    @cached_property
    def terms(self) -> tuple[Size, str] | None:
        """How many terms a sum has, and the k-th; None where there is no sum."""
        head = self.loop.head
        summed = head is not None and head.kind != "softmax_cross_entropy"
        return self._terms(head) if summed and head is not None else None

    @cached_property
    def way(self) -> Way:
        """Who adds up an element's terms: a thread, slices, or a block."""
        terms = self.terms
        if terms is None or terms[0].at(self.batch) < LONG:
            return "thread"
        few = product(self.loop.shape).at(self.batch) < WARP
        return "block" if few else "slices"

    # ---- the element's place ----

    @cached_property
    def at(self) -> Coordinates:
        """The place of the loop's element."""
        shape = self.loop.shape
        if sum(not size.is_one for size in shape) < 2:
            return tuple("0" if size.is_one else "i" for size in shape)
        return NAMES if len(shape) == 2 else split(shape, "i")

    @property
    def here(self) -> Here:
        """What the loop knows of its element."""
        return Here(self.loop.shape, self.at, self.own)

    def _defined(self, body: Sequence[str], way: Way) -> list[str]:
        """Say which element it is, by those names that the body has."""
        words = {word for line in body for word in re.findall(r"\w+", line)}
        parts = ["i = 32 * tile + lane"] if way == "slices" else []
        if self.at == NAMES:
            places = zip(NAMES, split(self.loop.shape, "i"), strict=True)
            parts += [f"{name} = {text}" for name, text in places if name in words]
        return [f"const int {', '.join(parts)};"] if parts else []

    # ---- what is computed ----

    def _body(self, terms: tuple[Size, str] | None, way: Way) -> Iterator[str]:
        if terms is not None:
            yield from self._summed(*terms, way)
        gates = [*self._finished(terms), *self._gates()]
        if way == "thread":
            yield from gates
            return
        mine = f"slice == 0 && i < {self.size}" if way == "slices" else "thread == 0"
        if len(gates) == 1:
            yield f"if ({mine}) {gates[0]}"
        else:
            yield from [f"if ({mine}) {{", *_indented(gates), "}"]

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
        here = Here(x.shape, place, self.own, "k") if whole else self.here
        return product(reduced), element(x, place, here)

    def _summed(self, count: Size, term: str, way: Way) -> Iterator[str]:
        """Yield the lines that add up an element's terms."""
        first, advance = STEPS[way]
        loop = f"for (int k = {first}; k < {count.text}; {advance}) sum += {term};"
        yield "T sum = 0;"
        yield from (
            [f"if (i < {self.size})", f"    {loop}"] if way == "slices" else [loop]
        )
        if way != "thread":
            yield f"sum = over_{way}(sum);"

    def _finished(self, terms: tuple[Size, str] | None) -> Iterator[str]:
        """Yield the line that stores a sum, or makes a mean of it."""
        head = self.loop.head
        if head is None or terms is None:
            return
        mean = head.kind == "mean"
        count = terms[0].text
        text = f"sum / ({count})" if " " in count else f"sum / {count}"
        array = head.written[0]
        if array in self.stored or mean:
            yield self._assigned(array, text if mean else "sum")
        else:
            self.own[array] = "sum"

    def _gates(self) -> Iterator[str]:
        """Yield the gates of each element."""
        for op in self.loop.ops:
            kind = "bool" if op.kind in COMPARISONS else "T"
            yield self._assigned(op.written[0], self._gate(op), kind)

    def _gate(self, op: Op) -> str:
        """Return what one gate computes."""
        if op.kind == "one_hot":
            label = element(op.inputs[0], self.at[:-1], self.here)
            return f"{self.at[-1]} == {label}"
        places = [(arg, aligned(arg.shape, self.at)) for arg in op.inputs]
        return c_text(op.kind, [element(arg, at, self.here) for arg, at in places])

    def _assigned(self, array: Array, text: str, kind: str = "T") -> str:
        """Return the line that makes an array's element, in memory or a register."""
        if array not in self.stored:
            self.own[array] = array.name
            return f"const {kind} {array.name} = {text};"
        place = self.here.index(self.loop.shape, self.at)
        self.own[array] = f"{array.name}[{place}]"
        return f"{self.own[array]} = {text};"


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
