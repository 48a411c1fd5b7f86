"""Structural gates as calls of the GPU's helpers, which write into given arrays.

A helper has the name and the arguments of its NumPy twin wherever there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradtutor.codegen.cpu.into import INTO
from gradtutor.gates import Attributes, Shape, normal_axes
from gradtutor.gates.structural.pooling import pool_text
from gradtutor.gates.structural.windows import window_text

Write = Callable[[Attributes, Sequence[Shape]], str]


def _over(name: str) -> Write:
    """Return the text of a reduction: ``sum_over(a, (1, 2), out=out)``."""

    def write(attrs: Attributes, shapes: Sequence[Shape]) -> str:
        return f"{name}(a, {reduced_axes(attrs, shapes[0])}, out=out)"

    return write


def reduced_axes(attrs: Attributes, shape: Shape) -> tuple[int, ...]:
    """Return the axes that a reduction goes over, sorted."""
    axis = attrs.get("axis")
    chosen = tuple(range(len(shape))) if axis is None else axis
    return tuple(sorted(normal_axes(chosen, len(shape))))


def _pool(name: str, arguments: str) -> Write:
    return lambda attrs, _: f"{name}({arguments}, {pool_text(attrs)}, out=out)"


#: Gates that reduce some axes: those axes must follow each other.
REDUCTIONS = {
    "sum": _over("sum_over"),
    "mean": _over("mean_over"),
    "maximum_over": _over("max_over"),
    "amax": _over("max_over"),
    "amin": _over("min_over"),
    "softmax": _over("softmax"),
    "logsumexp": lambda attrs, shapes: (
        f"logsumexp(a, axis={reduced_axes(attrs, shapes[0])}, out=out)"
    ),
    "first_winner": _over("first_winner"),
}
DEVICE: dict[str, Write] = {
    **REDUCTIONS,
    "matmul": lambda _attrs, _shapes: "matmul(a, b, out=out)",
    "pad": INTO["pad"],
    "concat": lambda attrs, _: f"concat(a, b, {attrs['axis']}, out=out)",
    "one_hot": lambda _attrs, shapes: f"one_hot(a, {shapes[1][-1]}, out=out)",
    "fold": lambda attrs, _: f"fold(a, {window_text(attrs)}, out=out)",
    "max_pool": _pool("max_pool", "a"),
    "max_unpool": _pool("max_unpool", "a, b, c"),
    "avg_pool": _pool("avg_pool", "a"),
    "mean_unpool": _pool("mean_unpool", "a, b"),
}
#: Gates whose arguments may be turned or cut views: CuPy's own copy, or cuBLASLt.
TAKE_VIEWS = {"matmul", "pad", "concat"}


def device_text(gate: str, attrs: Attributes, shapes: Sequence[Shape]) -> str:
    """Return the template of a structural gate's call.

    Raises
    ------
    NotImplementedError
        For a gate that no layer or loss of a network makes.
    """
    if gate not in DEVICE:
        raise NotImplementedError(f"there is no GPU text for the gate {gate}")
    return DEVICE[gate](attrs, shapes)


def follow(axes: Sequence[Any]) -> bool:
    """Whether axes follow each other without a gap."""
    return list(axes) == list(range(axes[0], axes[0] + len(axes))) if axes else True
