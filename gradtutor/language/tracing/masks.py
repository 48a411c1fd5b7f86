"""Masks: numbers replaced where a condition holds, above a diagonal for one."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtutor.graph import add_input
from gradtutor.language.program.array_values import Filled
from gradtutor.language.program.values import Tensor
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Stands for -inf.
LOWEST = -1e30


def masked(
    tracer: Tracer, value: Any, mask: Any, filling: Any, node: ast.AST
) -> Tensor:
    """Append where(mask, filling, x); the mask is the half above a diagonal."""
    t = tracer.tensor(value, node)
    net, at = tracer.net, tracer.at(node, "mask")
    number = filling if isinstance(filling, int | float) else None
    if number is None:
        raise tracer.run.fail(tr("a mask is filled with a number"), node)
    number = LOWEST if number == -math.inf else number
    held = tracer.constant(mask, node)
    if held is not None:
        above = net.gate("greater", held.node, net.number(0.0), layer=at)
        return _where(tracer, Tensor(above, held.order), number, t, node)
    if isinstance(mask, Tensor):
        order = t.order
        if mask.order != order:
            raise tracer.run.fail(tr("a mask has the axes of what it masks"), node)
        made = net.gate("where", mask.node, net.number(number), t.node, layer=at)
        return Tensor(made, order)
    if not (isinstance(mask, Filled) and mask.lower and mask.value == -1.0):
        message = tr("this mask is known only when the program runs")
        raise tracer.run.fail(message, node, tr("a mask above a diagonal is read"))
    start = tracer.natural(t, node)
    kept = lower_triangle(tracer, start, at)
    made = net.gate("where", kept, start, net.number(number), layer=at)
    return Tensor(made, tuple(range(len(t.order))))


def _where(
    tracer: Tracer, mask: Tensor, number: float, t: Tensor, node: ast.AST
) -> Tensor:
    """Append where(mask, number, x) of a mask over the last axes of x."""
    net = tracer.net
    names = tracer.natural(mask, node), tracer.natural(t, node)
    at = tracer.at(node, "mask")
    made = net.gate("where", names[0], net.number(number), names[1], layer=at)
    return Tensor(made, tuple(range(len(t.order))))


def lower_triangle(tracer: Tracer, like: str, at: Any) -> str:
    """Append what holds on and below the diagonal of the last two axes.

    The ones are an array that is made once, ``tril(ones(24, 24))``.
    """
    graph = tracer.net.graph
    rows, columns = (int(size) for size in graph.nodes[like]["shape"][-2:])
    name = f"past{rows}" if rows == columns else f"past{rows}_{columns}"
    if name not in graph:
        add_input(graph, name, (rows, columns), role="constant", span=at.span)
        graph.nodes[name]["value"] = np.tril(np.ones((rows, columns))).tolist()
        graph.nodes[name]["made"] = f"tril(ones({rows}, {columns}))"
    return tracer.net.gate("greater", name, tracer.net.number(0.0), layer=at)
