"""Keras's Dot: products of two tensors of each example, summed over one axis."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.arithmetic import contracted, pointwise
from gradtutor.language.tracing.cutting import unsqueezed
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: What Keras keeps a squared length above.
LEAST = 1e-12


def dot(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Tensor:
    """Append Dot(axes=1)([a, b]), each divided by its length if ``normalize``."""
    values = args[0] if len(args) == 1 else args
    if not isinstance(values, list | tuple) or len(values) != 2:
        raise tracer.run.fail(tr("Dot takes a list of two"), node)
    pair = [tracer.tensor(one, node) for one in values]
    given = layer.item.arguments.get("axis", -1)
    axes = given if isinstance(given, tuple) else (given, given)
    places = [
        axis % len(t.order) if type(axis) is int else 0
        for t, axis in zip(pair, axes, strict=False)
    ]
    if len(places) != 2 or 0 in places:
        raise tracer.run.fail(tr("Dot's axes are two whole numbers from 1"), node)
    if layer.item.arguments.get("normalize") is True:
        pairs = zip(pair, places, strict=True)
        pair = [_unit(tracer, one, axis, node) for one, axis in pairs]
    first = ["n", *"abcd"[: len(pair[0].order) - 1]]
    second = ["n", *"efgh"[: len(pair[1].order) - 1]]
    first[places[0]] = second[places[1]] = "k"
    out = "".join(one for one in (*first, *second[1:]) if one != "k")
    letters = "".join(first), "".join(second)
    made = contracted(tracer, pair[0], letters[0], pair[1], letters[1], out, node)
    return made if len(out) > 1 else unsqueezed(tracer, made, -1, node)


def _unit(tracer: Tracer, t: Tensor, axis: int, node: ast.AST) -> Tensor:
    """Append x / sqrt(max(Σ x², 1e-12))."""
    net, at = tracer.net, tracer.at(node, "Dot")
    square = net.gate("mul", t.node, t.node, layer=at)
    length = net.gate("sum", square, layer=at, axis=(t.order[axis],), keepdims=True)
    held = net.gate("max", length, net.number(LEAST), layer=at)
    size = Tensor(net.gate("sqrt", held, layer=at), t.order)
    return pointwise(tracer, "div", t, size, node)
