"""Arrays of zeros with a row for each example: a recurrent cell's first state."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Batch, Data
from gradtutor.language.program.values import Tensor

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def zero_rows(tracer: Tracer, value: Any, node: ast.AST) -> Tensor | None:
    """Return zeros (N, width), made of the input; None for any other value."""
    shape = value.shape if isinstance(value, Data) and value.zero else None
    if not shape or len(shape) != 2 or shape[0] != Batch():
        return None
    width = shape[1]
    if not isinstance(width, int):
        return None
    net, at = tracer.net, tracer.at(node, "zeros")
    taken = tracer.inputs.any_placed()
    batch = taken.order[0]
    others = tuple(i for i in range(len(taken.order)) if i != batch)
    total = taken.node
    if others:
        total = net.gate("sum", total, layer=at, axis=others, keepdims=False)
    column = net.reshape(total, ("N", 1), at)
    nothing = net.gate("mul", column, net.number(0.0), layer=at)
    if width > 1:
        widths = ((0, 0), (0, width - 1))
        nothing = net.gate("pad", nothing, layer=at, widths=widths)
    return Tensor(nothing, (0, 1))
