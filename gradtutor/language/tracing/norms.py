"""Normalisations over the last axis, over groups of channels, over each image."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers import normalisation
from gradtutor.language.layers.items import Item
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.pictures.images import as_images
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def layer_norm(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append γ (x - µ)/σ + β over the last axes, as many as the text names."""
    net, item = tracer.net, layer.item
    t = tracer.tensor(x, node)
    if len(t.order) == 2:
        net.node = tracer.natural(t, node)
        normalisation.layer_norm(net, item)
        return Tensor(net.node, (0, 1))
    sizes = tracer.sizes(t)
    named = item.arguments.get("features", sizes[-1:])
    named = named if isinstance(named, tuple) else (named,)
    count = len(named)
    if tuple(sizes[-count:]) != tuple(named):
        shown = ", ".join(str(s) if isinstance(s, int) else "N" for s in sizes)
        message = tr(
            "{item} expects {named}, the last axes are of ({shown})",
            item=item.name,
            named=named,
            shown=shown,
        )
        raise net.misfit(message, item)
    first = len(sizes) - count
    made = tracer.natural(t, node)
    axes = tuple(range(first, len(sizes)))
    made = net.gate("standardize", made, layer=item, axis=axes, eps=_eps(item))
    return _scaled(tracer, item, made, named, len(sizes), node)


def _eps(item: Item) -> float:
    usual = normalisation.KERAS_EPS if item.arguments.get("keras") else 1e-5
    return float(item.arguments.get("eps", usual))


def _scaled(
    tracer: Tracer,
    item: Item,
    made: str,
    shape: tuple[int, ...],
    rank: int,
    node: ast.AST,
) -> Tensor:
    """Append γ x + β over the last axes."""
    net = tracer.net
    net.depth += 1
    gamma = net.parameter("gamma", shape, item, 1, "ones")
    beta = net.parameter("beta", shape, item, 1, "zeros")
    scaled = net.gate("mul", made, gamma, layer=item)
    out = net.gate("add", scaled, beta, layer=item, name=net.fresh("z"))
    return Tensor(out, tuple(range(rank)))


def rms_norm(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append γ x / sqrt(mean(x²) + ε) over the last axis (Zhang & Sennrich 2019)."""
    net, item = tracer.net, layer.item
    t = tracer.tensor(x, node)
    width = tracer.sizes(t)[-1]
    start = tracer.natural(t, node)
    square = net.gate("pow", start, net.number(2.0), layer=item)
    last = len(t.order) - 1
    mean = net.gate("mean", square, layer=item, axis=(last,), keepdims=True)
    eps = item.arguments.get("eps") or 1.1920928955078125e-07  # float32's
    raised = net.gate("add", mean, net.number(float(eps)), layer=item)
    root = net.gate("sqrt", raised, layer=item)
    normal = net.gate("div", start, root, layer=item)
    net.depth += 1
    gamma = net.parameter("gamma", (width,), item, 1, "ones")
    out = net.gate("mul", normal, gamma, layer=item, name=net.fresh("z"))
    return Tensor(out, tuple(range(len(t.order))))


def group_norm(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append γ (x - µ)/σ + β, µ and σ of each group of channels (Wu & He 2018)."""
    groups = tracer.net.whole(layer.item.arguments.get("groups"), layer.item)
    return _grouped(tracer, layer, x, groups, node, scaled=True)


def instance_norm(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append (x - µ)/σ, µ and σ of each channel of each example."""
    scaled = bool(layer.item.arguments.get("affine"))
    return _grouped(tracer, layer, x, 0, node, scaled=scaled)


def _grouped(
    tracer: Tracer, layer: Layer, x: Any, groups: int, node: ast.AST, *, scaled: bool
) -> Tensor:
    net, item = tracer.net, layer.item

    def make() -> None:
        channels, *places, batch = net.shape
        count = groups or int(channels)
        if int(channels) % count:
            raise net.misfit(
                tr(
                    "{count} groups do not divide {channels} channels",
                    count=count,
                    channels=channels,
                ),
                item,
            )
        size = int(channels) // count * math.prod(map(int, places))
        flat = net.reshape(net.node, (count, size, batch), item)
        normal = net.gate("standardize", flat, layer=item, axis=(1,), eps=_eps(item))
        net.node = net.reshape(normal, (channels, *places, batch), item)
        if scaled:
            net.depth += 1
            kept = (int(channels), *(1,) * (len(places) + 1))
            gamma = net.parameter("gamma", kept, item, 1, "ones")
            beta = net.parameter("beta", kept, item, 1, "zeros")
            net.node = net.gate("mul", net.node, gamma, layer=item)
            net.node = net.gate("add", net.node, beta, layer=item, name=net.fresh("z"))

    return as_images(tracer, item, x, node, make, rank=len(tracer.sizes(x)) - 2)
