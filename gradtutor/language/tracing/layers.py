"""Layers applied to tensors: how each takes its axes, then the gates of the layer."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.convolution import conv
from gradtutor.language.layers.gates import activate, linear
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.normalisation import batch_norm, dropout
from gradtutor.language.layers.pooling import global_pool, pool
from gradtutor.language.layers.spellings import ACTIVATIONS
from gradtutor.language.program.values import Batch, Layer, Library, Tensor
from gradtutor.language.tracing import (
    attention,
    cells,
    dots,
    images,
    norms,
    recurrent,
    resizing,
)
from gradtutor.language.tracing.activations import MADE
from gradtutor.language.tracing.arithmetic import contracted, pointwise, product
from gradtutor.language.tracing.cutting import concatenated, reshaped
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

Apply = Callable[["Tracer", Layer, Any, ast.AST], Any]
#: Kinds that are made of gates on the tensor as it lies.
POINTWISE_KINDS = {spelling.kind for spelling in ACTIVATIONS.values()} | set(MADE)


#: Layers that take any shape: the next one tells.
PASSING = POINTWISE_KINDS | {
    *("dropout", "identity", "flatten", "lambda", "input", "rescale", "merge"),
    *("data_scale", "data_step"),
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
    own = item.kind in ("rnn", "lstm", "gru", "encoder", "activation", *cells.GATES)
    if layer.inner is not None and item.kind not in WRAPPED:
        return tracer.run.call(layer.inner, [result], {}, node)
    if own or word is None or not isinstance(result, Tensor):
        return result
    return tracer.function(f"keras.{word}", [result], {}, node)


# ---- activations ----


def activated(tracer: Tracer, item: Item, x: Any, node: ast.AST) -> Tensor:
    """Append an activation; a Softmax over one axis of the text's."""
    t = tracer.tensor(x, node)
    if item.kind in ("softmax", "log_softmax", "sigmoid"):
        return _squashed(tracer, item, t, node)
    net = tracer.net
    kind = item.kind
    if kind == "gelu" and item.arguments.get("approximate") in ("tanh", True):
        kind = "gelu_tanh"
    if kind in MADE:
        return Tensor(MADE[kind](net, item, t.node), t.order)
    net.node = t.node
    activate(net, item)
    return Tensor(net.node, t.order)


def _squashed(tracer: Tracer, item: Item, t: Tensor, node: ast.AST) -> Tensor:
    """Append softmax, log_softmax or sigmoid, and remember it: a loss may do it."""
    tracer.squashes += 1
    if tracer.squashes == tracer.omitted:
        return t
    net, name = tracer.net, tracer.net.fresh("h")
    if item.kind == "sigmoid":
        made = net.gate("sigmoid", t.node, layer=item, name=name)
    else:
        axis = t.order[_class_axis(tracer, item, len(t.order), node)]
        axis = -1 if axis == len(t.order) - 1 else axis
        if item.kind == "softmax":
            made = net.gate("softmax", t.node, layer=item, name=name, axis=axis)
        else:
            total = net.gate("logsumexp", t.node, layer=item, axis=axis, keepdims=True)
            made = net.gate("sub", t.node, total, layer=item, name=name)
    tracer.squashed[made] = (item, t, tracer.squashes)
    return Tensor(made, t.order)


def _class_axis(tracer: Tracer, item: Item, rank: int, node: ast.AST) -> int:
    """Return the axis of a Softmax; over the examples it is a mistake."""
    given = item.arguments.get("dim", item.arguments.get("axis"))
    usual = 1 if not item.arguments.get("keras") and rank != 3 else -1
    axis = usual if given is None else given
    if type(axis) is not int or not -rank <= axis < rank:
        raise tracer.net.fail(
            tr("{item} has no axis {axis!r} here", item=item.name, axis=axis), item
        )
    if axis % rank == 0:
        message = tr("{item} is over the classes, or the channels", item=item.name)
        raise tracer.net.fail(message, item, tr("write dim=1, or leave it out"))
    return axis % rank


# ---- layers with weights ----


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


# ---- layers that move numbers ----


def _flatten(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    given = layer.item.arguments
    start, end = given.get("start_dim", 1), given.get("end_dim", -1)
    return tracer.function("flatten", [x, start, end], {}, node)  # type: ignore[no-any-return]


def _view(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    target = layer.item.arguments.get("target", ())
    target = target if isinstance(target, tuple) else (target,)
    return reshaped(tracer, x, [Batch(), *target], node)


def _unflatten(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    dim = layer.item.arguments.get("dim", 1)
    sizes = tracer.sizes(x)
    at = dim % len(sizes)
    target = layer.item.arguments.get("target", ())
    return reshaped(tracer, x, [*sizes[:at], *target, *sizes[at + 1 :]], node)


def _permute(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    t = tracer.tensor(x, node)
    dims = (0, *layer.item.arguments.get("dims", ()))
    return Tensor(t.node, tuple(t.order[axis] for axis in dims))


def _identity(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    return x


def _data_scale(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Leave out what brings the data to mean 0: the data are scaled outside."""
    return x


def _data_step(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Leave out what prepares the data; the network starts from what comes out."""
    given = layer.item.arguments
    if not layer.item.name.startswith("Random"):  # those have a warning already
        note = tr("{name} is left out: it prepares the data", name=layer.item.name)
        tracer.net.notes += [note] * (note not in tracer.net.notes)
    number = tracer.inputs.number(x)
    if number is not None:
        shape = tracer.inputs.shapes[number] or ()
        if given.get("sizes"):
            tracer.inputs.shapes[number] = (*given["sizes"], *(shape[2:] or (3,)))
        elif given.get("steps"):
            tracer.inputs.shapes[number] = (given["steps"],)
    return x


def _rescale(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    given = layer.item.arguments
    scaled = pointwise(tracer, "mul", x, float(given.get("factor", 1.0)), node)
    offset = float(given.get("offset", 0.0))
    return pointwise(tracer, "add", scaled, offset, node) if offset else scaled


def _activation(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    word = layer.item.arguments.get("activation")
    if layer.inner is not None:
        return tracer.run.call(layer.inner, [x], {}, node)
    return tracer.run.call(Library(f"keras.{word}"), [x], {}, node)


def _lambda(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    return tracer.run.call(layer.inner, [x], {}, node)


def _pattern(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    given = layer.inner
    args = [x, *given.args]
    return tracer.function(given.function.path, args, dict(given.keywords), node)


def _time_distributed(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    inner = layer.inner
    if isinstance(inner, Layer) and inner.item.kind in ("linear", "activation"):
        return tracer.apply(inner, [x], {}, node)
    if tracer.is_input(x):
        tracer.check_known(layer.item)
    sizes = tracer.sizes(tracer.tensor(x, node))
    if len(sizes) < 3 or type(sizes[1]) is not int:
        message = tr(
            "{item} takes steps of something, (N, steps, ...)", item=layer.item.name
        )
        raise tracer.net.misfit(message, layer.item)
    rows = reshaped(tracer, x, [Batch(sizes[1]), *sizes[2:]], node)
    made = tracer.run.call(inner, [rows], {}, node)
    after = tracer.sizes(made)[1:]
    return reshaped(tracer, made, [Batch(), sizes[1], *after], node)


def _repeat(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Append the same row at every step."""
    t = tracer.tensor(x, node)
    count = tracer.net.whole(layer.item.arguments.get("count"), layer.item)
    return Tensor("", (1, 0, 2), (tracer.natural(t, node),) * count)


# ---- layers of several tensors ----


def _merge(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    values = (
        list(args[0]) if len(args) == 1 and isinstance(args[0], list | tuple) else args
    )
    how = layer.item.arguments["how"]
    if how == "concat":
        axis = layer.item.arguments.get("axis", -1)
        return concatenated(tracer, values, axis, node)
    total = values[0]
    for value in values[1:]:
        total = pointwise(
            tracer, "add" if how == "average" else how, total, value, node
        )
    return (
        pointwise(tracer, "div", total, len(values), node)
        if how == "average"
        else total
    )


#: Wrappers, whose inner layer is no activation.
WRAPPED = ("lambda", "pattern", "bidirectional", "time_distributed", "activation")
APPLY: dict[str, Apply] = {
    "linear": _linear,
    "conv": _conv,
    "max_pool": _pool,
    "avg_pool": _pool,
    **dict.fromkeys(
        ("global_avg", "global_max", "global_avg_flat", "global_max_flat"), _global
    ),
    "batch_norm": _batch_norm,
    "layer_norm": norms.layer_norm,
    "rms_norm": norms.rms_norm,
    "group_norm": norms.group_norm,
    "instance_norm": norms.instance_norm,
    "dropout": _dropout,
    "channel_dropout": _channel_dropout,
    "flatten": _flatten,
    "view": _view,
    "unflatten": _unflatten,
    "permute": _permute,
    "identity": _identity,
    "input": _identity,
    "rescale": _rescale,
    "data_scale": _data_scale,
    "data_step": _data_step,
    "activation": _activation,
    "lambda": _lambda,
    "pattern": _pattern,
    "time_distributed": _time_distributed,
    "repeat_vector": _repeat,
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
}
MANY: dict[str, Callable[..., Any]] = {
    "merge": _merge,
    "attention": attention.attention,
    "encoder": attention.encoder,
    "embedding_bag": attention.embedding_bag,
    **dict.fromkeys(("rnn", "lstm", "gru"), recurrent.recurrent),
    **dict.fromkeys(cells.GATES, cells.cell),
    "dot": dots.dot,
}
