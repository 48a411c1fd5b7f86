"""Structural gates as calls of compiled loops, where one fits."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from gradtutor.codegen.cpu.writers import WRITERS
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.printer import Printer, Write
from gradtutor.codegen.ir.size import Sizes
from gradtutor.gates import Attributes
from gradtutor.gates.structural.pooling import pool_attrs

#: Writes a gate's loop from its settings and its arguments' shapes, where one fits.
Loop = Callable[[Attributes, Sequence[Sizes]], "str | None"]


@cache
def compiled_helpers() -> dict[str, str]:
    """Return the text of each compiled helper by name."""
    text = (Path(__file__).parent / "numba_helpers.py").read_text(encoding="utf-8")
    lines = text.splitlines()
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


#: How many axes a window may have for there to be a loop.
RANKS = (1, 2)


def _flat(name: str, rank: int) -> str:
    """Give a signal (C, L, N) an axis of height 1, so that one loop serves both."""
    return name if rank == 2 else f"np.expand_dims({name}, 1)"


def _pair(numbers: Sequence[int], rank: int) -> str:
    values = numbers if rank == 2 else (1, *numbers)
    return ", ".join(map(str, values))


def _pooled(attrs: Attributes) -> tuple[int, str] | None:
    """Return rank and kernel, stride as text; None where padding or dilation is."""
    rank = len(attrs["kernel"])
    if rank not in RANKS:
        return None
    full = pool_attrs(attrs)
    plain = all(p == 0 for p in full["padding"]) if full["padding"] != "same" else False  # type: ignore[attr-defined]
    if not plain or any(step != 1 for step in full["dilation"]):  # type: ignore[attr-defined]
        return None
    numbers = f"{_pair(attrs['kernel'], rank)}, {_pair(full['stride'], rank)}"  # type: ignore[arg-type]
    return rank, numbers


def _max_pool(attrs: Attributes, shapes: Sequence[Sizes]) -> str | None:
    found = _pooled(attrs)
    if found is None or len(shapes[0]) != found[0] + 2:
        return None
    rank, numbers = found
    return f"max_pool_loop({_flat('a', rank)}, {numbers}, {_flat('out', rank)})"


def _max_unpool(attrs: Attributes, shapes: Sequence[Sizes]) -> str | None:
    found = _pooled(attrs)
    if found is None or len(shapes[0]) != found[0] + 2:
        return None
    rank, numbers = found
    arrays = ", ".join(_flat(name, rank) for name in "abc")
    return f"max_unpool_loop({arrays}, {numbers}, {_flat('out', rank)})"


def _steps(attrs: Attributes, rank: int) -> str:
    stride = attrs["stride"] if len(attrs["stride"]) == rank else attrs["stride"] * rank
    dilation = attrs["dilation"]
    dilation = dilation if len(dilation) == rank else dilation * rank
    return f"{_pair(stride, rank)}, {_pair(dilation, rank)}"


def _fold(attrs: Attributes, shapes: Sequence[Sizes]) -> str | None:
    rank = len(attrs["kernel"])
    if rank not in RANKS or len(shapes[1]) != rank + 2:
        return None
    cut = "a" if rank == 2 else "np.expand_dims(a, (1, 3))"
    return f"fold_loop({cut}, {_flat('out', rank)}, {_steps(attrs, rank)})"


NUMBA_INTO: dict[str, Loop] = {
    "max_pool": _max_pool,
    "max_unpool": _max_unpool,
    "fold": _fold,
}


def _with_loop(kind: str, loop: Loop) -> Write:
    """Return how a gate is written: as its loop, or as NumPy's call."""

    def write(op: Op) -> str:
        shapes = [operand.shape for operand in op.inputs]
        return loop(op.options, shapes) or WRITERS[kind](op)

    return write


NUMBA = Printer(WRITERS | {k: _with_loop(k, loop) for k, loop in NUMBA_INTO.items()})
