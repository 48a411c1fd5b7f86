"""Where parameters, gradients and the arrays between lie, as lines of CUDA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradtutor.codegen.gpu.one_kernel.text import WIDEST
from gradtutor.codegen.ir.operands import Array
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size, product
from gradtutor.graph import inputs, node_data

#: Parameters start at multiples of so many numbers, as `views` in a script has them.
STEP = 64


def _sizes(program: Program) -> Iterator[tuple[str, int, int]]:
    """Yield each parameter's name, where it starts in the flat vector, and ends."""
    start = 0
    for name in inputs(program.graph, "parameter"):
        size: Size = product(
            Size.of(one) for one in node_data(program.graph, name)["shape"]
        )
        yield name, start, start + size.count
        start = -(-(start + size.count) // STEP) * STEP


def vector_length(program: Program) -> int:
    """Return how many numbers of the flat vector are parameters, or between them."""
    return max(end for _, _, end in _sizes(program))


def parameter_lines(
    program: Program, whole: str, before: str, words: set[str]
) -> Iterator[str]:
    """Yield the lines that say where each parameter lies in a flat vector."""
    parts = [
        f"*{before}{name} = {whole}{f' + {start}' if start else ''}"
        for name, start, _ in _sizes(program)
        if f"{before}{name}" in words
    ]
    yield from _declared(parts)


def work_lines(arrays: Sequence[Array]) -> Iterator[str]:
    """Yield the lines that cut the memory to work in into arrays."""
    parts, place = list[str](), "work"
    for array in arrays:
        parts.append(f"*{array.name} = {place}")
        place = f"{array.name} + {product(array.shape).text}"
    yield from _declared(parts)


def _declared(parts: Sequence[str]) -> Iterator[str]:
    """Yield the declaration of pointers, over several lines where it is long."""
    row = "T "
    for place, part in enumerate(parts):
        text = part + (";" if place == len(parts) - 1 else ", ")
        if len(row) + len(text) > WIDEST:
            yield row.rstrip()
            row = "    "
        row += text
    yield row
