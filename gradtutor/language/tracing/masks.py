"""Masks: numbers replaced where a condition holds, above a diagonal for one."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.values import Filled, Tensor

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Stands for -inf: its exponential is 0 in float32 and float64, and no product with 0
#: is undefined.
LOWEST = -1e30


def masked(
    tracer: Tracer, value: Any, mask: Any, filling: Any, node: ast.AST
) -> Tensor:
    """Append where(mask, filling, x); the mask is the half above a diagonal."""
    t = tracer.tensor(value, node)
    net, at = tracer.net, tracer.at(node, "mask")
    number = filling if isinstance(filling, int | float) else None
    if number is None:
        raise tracer.run.fail("a mask is filled with a number", node)
    number = LOWEST if number == -math.inf else number
    if isinstance(mask, Tensor):
        order = t.order
        if mask.order != order:
            raise tracer.run.fail("a mask has the axes of what it masks", node)
        made = net.gate("where", mask.node, net.number(number), t.node, layer=at)
        return Tensor(made, order)
    if not (isinstance(mask, Filled) and mask.lower and mask.value == -1.0):
        message = "this mask is known only when the program runs"
        raise tracer.run.fail(message, node, "a mask above a diagonal is read")
    start = tracer.natural(t, node)
    kept = lower_triangle(tracer, start, at)
    made = net.gate("where", kept, start, net.number(number), layer=at)
    return Tensor(made, tuple(range(len(t.order))))


def lower_triangle(tracer: Tracer, like: str, at: Any) -> str:
    """Append ones on and below the diagonal of the last two axes, zeros above.

    Row i of the triangle is a row of i + 1 ones; rows are put together from zeros
    around a one, so no table of numbers is needed.
    """
    net = tracer.net
    rows, columns = (int(size) for size in net.graph.nodes[like]["shape"][-2:])
    one = net.reshape(net.number(1.0), (1, 1), at)
    row = net.gate("pad", one, layer=at, widths=((0, 0), (0, columns - 1)))
    rows_made, band = [row], row
    for i in range(1, rows):
        if i < columns:
            next_one = net.gate(
                "pad", one, layer=at, widths=((0, 0), (i, columns - 1 - i))
            )
            band = net.gate("add", band, next_one, layer=at)
        rows_made.append(band)
    while len(rows_made) > 1:
        rows_made = [
            net.gate("concat", *rows_made[i : i + 2], layer=at, axis=0)
            if i + 1 < len(rows_made)
            else rows_made[i]
            for i in range(0, len(rows_made), 2)
        ]
    return net.gate("greater", rows_made[0], net.number(0.0), layer=at)
