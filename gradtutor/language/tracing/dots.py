"""Keras's Dot, and its attention without projections: products of two tensors."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.array_values import Filled
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.arithmetic import contracted, pointwise
from gradtutor.language.tracing.cutting import unsqueezed
from gradtutor.language.tracing.masks import masked
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


def looking(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Append Attention()([query, value, key]) (Luong et al. 2015), or the additive one.

    The scores are q kᵀ, or Σ s tanh(q + k) (Bahdanau et al. 2015); PyTorch's division
    by √d is not in it. Returns the shares too if ``return_attention_scores``.
    """
    item, values = layer.item, args[0] if len(args) == 1 else args
    _refuse(tracer, item, keywords)
    if not isinstance(values, list | tuple) or len(values) not in (2, 3):
        raise tracer.run.fail(tr("{name} takes a list of two", name=item.name), node)
    query, value, *rest = (tracer.tensor(one, node) for one in values)
    key = rest[0] if rest else value
    if item.arguments["how"] == "dot":
        scores = contracted(tracer, query, "ntk", key, "nsk", "nts", node)
        if item.arguments.get("scaled") is True:
            scale = Tensor(_scale(tracer, item, ()), ())
            scores = pointwise(tracer, "mul", scores, scale, node)
    else:
        scores = _added(tracer, item, query, key, node)
    if keywords.get("use_causal_mask") is True:
        steps = tracer.sizes(scores)[1:]
        triangle = Filled(tuple(steps), -1.0, lower=True)
        scores = masked(tracer, scores, triangle, -math.inf, node)
    at = tracer.at(node, "softmax")
    shares = tracer.net.gate("softmax", scores.node, layer=at, axis=-1)
    share = Tensor(shares, scores.order)
    if rate := item.arguments.get("rate"):
        layer = Layer(Item("dropout", {"rate": rate}, item.span, item.name))
        share = tracer.apply(layer, [share], {}, node)
    made = contracted(tracer, share, "nts", value, "nsk", "ntk", node)
    return (made, share) if keywords.get("return_attention_scores") is True else made


def _refuse(tracer: Tracer, item: Item, keywords: dict[str, Any]) -> None:
    """Refuse scores of another form, and masks of padding."""
    if item.arguments.get("score", "dot") != "dot":
        message = tr("{name} is here with score_mode='dot' alone", name=item.name)
        raise tracer.net.fail(message, item)
    if keywords.get("mask") is not None:
        raise tracer.net.fail(tr("padding masks are not here"), item)


def _added(tracer: Tracer, item: Item, q: Tensor, k: Tensor, node: ast.AST) -> Tensor:
    """Append Σ s tanh(q + k) for every pair of steps."""
    pair = unsqueezed(tracer, q, 2, node), unsqueezed(tracer, k, 1, node)
    total = pointwise(tracer, "add", *pair, node)
    bent = Tensor(
        tracer.net.gate("tanh", total.node, layer=tracer.at(node)), total.order
    )
    if item.arguments.get("scaled", True) is True:
        scale = Tensor(_scale(tracer, item, (tracer.sizes(q)[-1],)), (0,))
        bent = pointwise(tracer, "mul", bent, scale, node)
    made: Tensor = tracer.function("sum", [bent, -1], {}, node)
    return made


def _scale(tracer: Tracer, item: Item, shape: tuple[int, ...]) -> str:
    net = tracer.net
    net.depth += 1
    return net.parameter("gamma", shape, item, 1, "ones" if not shape else "uniform")
