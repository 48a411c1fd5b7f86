"""Layers with weights, or with windows: how each takes its axes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.convolution import conv
from gradtutor.language.layers.gates import linear
from gradtutor.language.layers.normalisation import batch_norm, dropout
from gradtutor.language.layers.pooling import global_pool, pool
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.arithmetic import contracted, pointwise, product
from gradtutor.language.tracing.layers.squashing import Apply
from gradtutor.language.tracing.pictures import images, resizing
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def _linear(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    net, item = tracer.net, layer.item
    t = tracer.tensor(x, node, "linear")
    shared = tracer.tables.get(id(tracer.run.tied.get(id(layer))))
    if shared is not None:  # the table of words once more, turned
        made = product(tracer, t, Tensor(shared, (1, 0)), node)
        if not item.arguments.get("bias", True):
            return made
        units = net.whole(item.arguments.get("units"), item)
        net.depth += 1
        bias = net.parameter("b", (units,), item, units)
        return pointwise(tracer, "add", made, Tensor(bias, (0,)), node)
    if len(t.order) == 2:
        net.node = tracer.natural(t, node)
        _penalised(tracer, layer, lambda: linear(net, item))
        return Tensor(net.node, (0, 1))
    return _linear_over(tracer, layer, t, node)


def _linear_over(tracer: Tracer, layer: Layer, t: Tensor, node: ast.AST) -> Tensor:
    """Append z = h W + b over the last axis of a tensor of any rank."""
    net, item = tracer.net, layer.item
    sizes, given = tracer.sizes(t), item.arguments
    width = sizes[-1]
    expected = given.get("in_features", width)
    if not isinstance(width, int) or expected != width:
        message = tr(
            "{item} expects {expected} features, the last axis has {width}",
            item=item.name,
            expected=expected,
            width=width,
        )
        both = isinstance(width, int) and isinstance(expected, int)
        raise net.misfit(message, item, "", (expected, width) if both else None)
    units = net.whole(given.get("units"), item)
    net.depth += 1
    weight = net.parameter("W", (width, units), item, width)
    _note_penalty(tracer, layer, weight)
    letters = "abcdefgh"[: len(sizes) - 1]
    table = Tensor(weight, (0, 1))
    made = contracted(tracer, t, letters + "k", table, "ky", letters + "y", node)
    if net.flag("bias", item):
        bias = net.parameter("b", (units,), item, width)
        made = pointwise(tracer, "add", made, Tensor(bias, (0,)), node)
    return made


def _penalised(tracer: Tracer, layer: Layer, make: Callable[[], None]) -> None:
    """Make a layer, and note the penalty on its weights."""
    depth = tracer.net.depth
    make()
    _note_penalty(tracer, layer, f"W{depth + 1}")


def _note_penalty(tracer: Tracer, layer: Layer, name: str) -> None:
    for kind, strength in layer.item.arguments.get("penalty", ()):
        tracer.net.penalties.append((kind, strength, name))


def _conv(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    def make() -> None:
        _penalised(tracer, layer, lambda: conv(tracer.net, layer.item))

    return images.as_images(tracer, layer.item, x, node, make)


def _pool(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    return images.as_images(
        tracer, layer.item, x, node, lambda: pool(tracer.net, layer.item)
    )


def _global(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    item, net = layer.item, tracer.net
    size = item.arguments.get("size", 1)
    if size not in (1, (1,), (1, 1)):
        return resizing.adaptive(tracer, item, x, size, node)
    result = images.as_images(tracer, item, x, node, lambda: global_pool(net, item))
    return Tensor(result.node, (0, 1)) if item.kind.endswith("_flat") else result


def _batch_norm(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    net, item = tracer.net, layer.item
    t = tracer.tensor(x, node, images.use_of(item))
    if len(t.order) == 2:
        net.node = tracer.natural(t, node)
        batch_norm(net, item)
        return Tensor(net.node, (0, 1))
    return images.as_images(
        tracer, item, t, node, lambda: batch_norm(net, item), rank=len(t.order) - 2
    )


def _dropout(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    t = tracer.tensor(x, node)
    tracer.net.node = t.node
    dropout(tracer.net, layer.item)
    return Tensor(tracer.net.node, t.order)


def _channel_dropout(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append dropout; of whole channels in the text, of single values here."""
    note = tr(
        "{name} drops single values here, not whole channels", name=layer.item.name
    )
    tracer.net.notes += [note] * (note not in tracer.net.notes)
    return _dropout(tracer, layer, x, node)


def _noise(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Leave out noise, whose mean changes nothing, and say so."""
    note = tr(
        "warning: {name}'s random numbers are left out: their mean changes nothing",
        name=layer.item.name,
    )
    tracer.net.notes += [note] * (note not in tracer.net.notes)
    return x


#: Layers with weights or windows, by their kind.
WEIGHTED: dict[str, Apply] = {
    "linear": _linear,
    "conv": _conv,
    "max_pool": _pool,
    "avg_pool": _pool,
    **dict.fromkeys(
        ("global_avg", "global_max", "global_avg_flat", "global_max_flat"), _global
    ),
    "batch_norm": _batch_norm,
    "dropout": _dropout,
    "channel_dropout": _channel_dropout,
    "noise": _noise,
}
