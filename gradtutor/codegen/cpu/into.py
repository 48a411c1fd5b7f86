"""NumPy text that writes a structural gate's result into an array that is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradtutor.gates import Attributes, Shape
from gradtutor.gates.structural.movement import full_widths, slice_text
from gradtutor.gates.structural.pooling import pool_text
from gradtutor.gates.structural.reductions import axis_text
from gradtutor.gates.structural.windows import window_text

Write = Callable[[Attributes, Sequence[Shape]], str]


def _reduction(name: str) -> Write:
    def write(attrs: Attributes, _shapes: Sequence[Shape]) -> str:
        parts = [part for part in (axis_text(attrs), "out=out") if part]
        return f"a.{name}({', '.join(parts)})"

    return write


def _pad(attrs: Attributes, shapes: Sequence[Shape]) -> str:
    """Copy into the middle; the border keeps the zeros it was made with."""
    cuts: list[tuple[int, int | None, int]] = []
    for size, (before, after, between) in zip(
        shapes[0], full_widths(attrs["widths"], len(shapes[0])), strict=True
    ):
        if not (before or after or between):
            cuts.append((0, None, 1))
        else:
            last = before + (int(size) - 1) * (between + 1) + 1
            cuts.append((before, last, between + 1))
    return f"out{slice_text(tuple(cuts))} = a"


def _slope(_attrs: Attributes, _shapes: Sequence[Shape]) -> str:
    return "softmax_cross_entropy(a, b, out)"


INTO: dict[str, Write] = {
    "matmul": lambda _attrs, _shapes: "np.dot(a, b, out=out)",
    "sum": _reduction("sum"),
    "mean": _reduction("mean"),
    "maximum_over": _reduction("max"),
    "amax": _reduction("max"),
    "amin": _reduction("min"),
    "pad": _pad,
    "concat": lambda attrs, _: f"np.concatenate((a, b), axis={attrs['axis']}, out=out)",
    "fold": lambda attrs, _: f"fold(a, {window_text(attrs)}, out=out)",
    "max_pool": lambda attrs, _: f"max_pool(a, {pool_text(attrs)}, out=out)",
    "max_unpool": lambda attrs, _: f"max_unpool(a, b, c, {pool_text(attrs)}, out=out)",
    "avg_pool": lambda attrs, _: f"avg_pool(a, {pool_text(attrs)}, out=out)",
    "mean_unpool": lambda attrs, _: f"mean_unpool(a, b, {pool_text(attrs)}, out=out)",
    "cross_entropy_slope": _slope,
}
