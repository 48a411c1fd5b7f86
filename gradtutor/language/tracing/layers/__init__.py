"""Layers applied to tensors: how each takes its axes, then the gates of the layer."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing import attention, dots, norms, transformers
from gradtutor.language.tracing.layers.moving import MOVING, merge
from gradtutor.language.tracing.layers.squashing import (
    POINTWISE_KINDS,
    Apply,
    activated,
)
from gradtutor.language.tracing.layers.weighted import WEIGHTED
from gradtutor.language.tracing.pictures import images, resizing
from gradtutor.language.tracing.sequences import cells, convolved, recurrent
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Layers that take any shape: the next one tells.
PASSING = POINTWISE_KINDS | {
    *("dropout", "identity", "flatten", "lambda", "input", "rescale", "merge"),
    *("data_scale", "data_step", "noise"),
}


def apply_layer(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Append a layer; the same layer a second time has the same weights."""
    net, item, x = tracer.net, layer.item, args[0] if args else None
    node = layer.node or node
    tracer.uses.append(item.kind)
    number = tracer.inputs.number(x)
    if number is not None and item.kind not in PASSING:
        tracer.check_known(item, number)
    again = tracer.made.get(id(layer))
    depth, frozen = net.depth, net.frozen
    net.frozen = frozen | tracer.run.frozen.get(id(layer), set())
    if again is not None:
        net.depth, net.shared = again, True
    else:
        tracer.made[id(layer)] = depth
        tracer.kept.append(layer)
    try:
        if item.kind in MANY:
            result = MANY[item.kind](tracer, layer, args, dict(keywords), node)
        else:
            result = _applied(tracer, layer, x, node)
    finally:
        net.frozen = frozen
        if again is not None:
            net.depth, net.shared = depth, False
    return _activated(tracer, layer, result, node)


def _applied(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    item = layer.item
    if (
        item.kind in ("softmax", "log_softmax", "sigmoid")
        or item.kind in POINTWISE_KINDS
    ):
        return activated(tracer, item, x, node)
    handler = APPLY.get(item.kind)
    if handler is None:
        message = tr("{item} is not here yet", item=item.name)
        raise tracer.run.fail(message, node)
    return handler(tracer, layer, x, node)


def _activated(tracer: Tracer, layer: Layer, result: Any, node: ast.AST) -> Any:
    """Append the activation that a layer has as an argument."""
    item = layer.item
    word = item.arguments.get("activation")
    own = item.kind in (
        "rnn",
        "lstm",
        "gru",
        "encoder",
        "decoder",
        "conv_lstm",
        "activation",
        *cells.GATES,
    )
    if layer.inner is not None and item.kind not in WRAPPED:
        return tracer.run.call(layer.inner, [result], {}, node)
    if own or word is None or not isinstance(result, Tensor):
        return result
    return tracer.function(f"keras.{word}", [result], {}, node)


#: Wrappers, whose inner layer is no activation.
WRAPPED = ("lambda", "pattern", "bidirectional", "time_distributed", "activation")
APPLY: dict[str, Apply] = {
    **WEIGHTED,
    **MOVING,
    "layer_norm": norms.layer_norm,
    "rms_norm": norms.rms_norm,
    "group_norm": norms.group_norm,
    "instance_norm": norms.instance_norm,
    "bidirectional": recurrent.bidirectional,
    "upsample": resizing.upsample,
    "zero_pad": resizing.zero_pad,
    "edge_pad": resizing.edge_pad,
    "crop": resizing.crop,
    "pixel_shuffle": resizing.pixel_shuffle,
    "conv_transposed": images.conv_transposed,
    "depthwise": images.depthwise,
    "separable": images.separable,
    "prelu": images.prelu,
    "embedding": attention.embedding,
    "conv_lstm": convolved.conv_lstm,
}
MANY: dict[str, Callable[..., Any]] = {
    "merge": merge,
    "attention": attention.attention,
    "encoder": transformers.encoder,
    "decoder": transformers.decoder,
    "looking": dots.looking,
    "embedding_bag": attention.embedding_bag,
    **dict.fromkeys(("rnn", "lstm", "gru"), recurrent.recurrent),
    **dict.fromkeys(cells.GATES, cells.cell),
    "dot": dots.dot,
}
