"""Nested loops of C99 around a few statements."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from gradtutor.exports.c99.views import Sizes, View

#: The type of all numbers: a network's are float, a function's double.
REAL: ContextVar[str] = ContextVar("real", default="float")


@contextmanager
def in_double() -> Iterator[None]:
    """Print loops over doubles within this block."""
    token = REAL.set("double")
    try:
        yield
    finally:
        REAL.reset(token)


@dataclass(frozen=True)
class Number:
    """A number in a formula, as Python writes it; it has no axes."""

    text: str
    shape: Sizes = ()

    def place(self, _indices: Sequence[str]) -> str:
        """Return the number as C: every one is a float."""
        return literal(float(self.text))


Operand = View | Number


def literal(value: float) -> str:
    """Write a float32 with the digits that bring it back.

    >>> literal(0.1), literal(3.0), literal(float("inf"))
    ('0.1f', '3.0f', 'INFINITY')
    """
    if math.isinf(value):
        return "-INFINITY" if value < 0 else "INFINITY"
    if REAL.get() == "double":
        return repr(float(value))
    text = f"{value:.9g}"
    for digits in range(1, 9):
        short = f"{value:.{digits}g}"
        if _single(float(short)) == _single(value):
            text = short
            break
    return f"{text}f" if set(text) & set(".e") else f"{text}.0f"


def _single(value: float) -> float:
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found


@dataclass
class Body:
    """The statements inside loops over a shape; the last loops may sum up.

    Attributes
    ----------
    summed : int
        How many of the last loops are around ``inner`` and ``after`` alone.
    """

    shape: Sizes
    summed: int = 0
    before: list[str] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def indices(self) -> list[str]:
        """The counters: ``i0``, ``i1``, ..., and 0 where there is one entry."""
        return [f"i{k}" if size > 1 else "0" for k, size in enumerate(self.shape)]

    def read(self, arg: Operand, name: str) -> str:
        """Read an argument's element into a name; a number stands for itself."""
        if isinstance(arg, Number):
            return arg.text
        stretched = arg.stretched(self.shape)
        self.lines.append(
            f"const {REAL.get()} {name} = {stretched.place(self.indices)};"
        )
        return name

    def total(self, to: str, value: str) -> None:
        """Add values up, in double."""
        if not self.summed:
            self.lines.append(f"{to} = {value};")
            return
        self.before.append("double total = 0;")
        self.inner.append(f"total += {value};")
        self.lines.append(f"{to} = ({REAL.get()})total;")

    def reduce(self, kind: str, to: str, value: str) -> None:
        """Append a sum, a mean, the largest or the smallest."""
        count = math.prod(self.shape[len(self.shape) - self.summed :])
        if kind in ("sum", "mean"):
            self.before.append("double total = 0;")
            self.inner.append(f"total += {value};")
            share = f"total / {count}" if kind == "mean" else "total"
            self.lines.append(f"{to} = ({REAL.get()})({share});")
            return
        sign, start = (">", "-INFINITY") if kind == "max" else ("<", "INFINITY")
        self.before.append(f"{REAL.get()} most = {start};")
        self.inner.append(f"if ({value} {sign} most) most = {value};")
        self.lines.append(f"{to} = most;")

    def winner(self, to: str, value: str) -> None:
        """Append a mark at the first of the largest."""
        self.before.append(f"{REAL.get()} most = -INFINITY; int found = 0;")
        self.inner.append(f"if ({value} > most) most = {value};")
        self.after.append(f"{to} = !found && {value} == most;")
        self.after.append(f"if ({value} == most) found = 1;")


def looped(body: Body) -> list[str]:
    """Return the loops with their statements, indented by two."""
    outer = len(body.shape) - body.summed
    inside = [*body.before]
    if body.inner:
        inside += _nest(body, range(outer, len(body.shape)), body.inner)
    inside += body.lines
    if body.after:
        inside += _nest(body, range(outer, len(body.shape)), body.after)
    return _nest(body, range(outer), inside)


def _nest(body: Body, axes: Sequence[int], inside: Sequence[str]) -> list[str]:
    """Put statements into loops over some axes; a block where there is none."""
    axes = [axis for axis in axes if body.shape[axis] > 1]
    lines = [
        f"{'  ' * depth}for (int i{axis} = 0; i{axis} < {body.shape[axis]}; ++i{axis})"
        for depth, axis in enumerate(axes)
    ]
    blank = "  " * len(axes)
    if len(inside) == 1 and axes:
        return [*lines, f"{blank}{inside[0]}"]
    if axes:
        lines[-1] += " {"
        return [*lines, *(f"{blank}{line}" for line in inside), f"{blank[2:]}}}"]
    return ["{", *(f"  {line}" for line in inside), "}"]
