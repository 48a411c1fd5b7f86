"""Each layer as the gates it is made of: one function a layer.

Images are (C, H, W, N), signals (C, L, N), rows (N, features): convolutions have the
batch last, so that windows, folds and pooling move long runs of memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gradtutor.gates import show_shape
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.convolution import conv
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.normalisation import (
    batch_norm,
    dropout,
    layer_norm,
    no_sequence,
)
from gradtutor.language.layers.pooling import global_pool, pool
from gradtutor.language.layers.recurrent import lstm, rnn
from gradtutor.language.layers.spellings import KERAS_SLOPE, RECURRENT, TORCH_SLOPE
from gradtutor.messages import tr

# ---- linear ----


def linear(net: Builder, layer: Item) -> None:
    """Append z = h W + b."""
    if "units" not in layer.arguments:
        raise net.fail(
            tr("how many outputs?"), layer, tr("as in {name}(128)", name=layer.name)
        )
    if not net.is_rows or not isinstance(net.shape[-1], int):
        raise net.misfit(
            tr(
                "{name} takes rows (N, features), the layer before gives {shape}",
                name=layer.name,
                shape=show_shape(net.shape),
            ),
            layer,
            tr("put Flatten() before it"),
        )
    width = int(net.shape[-1])
    expected = net.whole(layer.arguments.get("in_features", width), layer)
    if expected != width:
        raise net.misfit(
            tr(
                "{name} expects (N, {expected}) but the layer before gives (N, "
                "{width})",
                name=layer.name,
                expected=expected,
                width=width,
            ),
            layer,
            tr(
                "write {name}({width}, ...) or leave the input size out",
                name=layer.name,
                width=width,
            ),
            (expected, width),
        )
    net.depth += 1
    units = net.whole(layer.arguments["units"], layer)
    bias, name = net.flag("bias", layer), net.fresh("z")
    weight = net.parameter("W", (width, units), layer, width)
    net.node = net.gate(
        "matmul", net.node, weight, layer=layer, name=None if bias else name
    )
    if bias:
        offset = net.parameter("b", (units,), layer, width)
        net.node = net.gate("add", net.node, offset, layer=layer, name=name)


def flatten(net: Builder, layer: Item) -> None:
    """Turn (C, H, W, N) into rows (N, C·H·W)."""
    no_sequence(net, layer)
    if net.is_rows:
        return
    *sizes, batch = net.shape
    columns = net.reshape(net.node, (math.prod(map(int, sizes)), batch), layer)
    net.node = net.gate("transpose", columns, layer=layer, name=net.fresh("f"))


# ---- activations ----


def activate(net: Builder, layer: Item) -> None:
    """Append h = activation(z)."""
    name, given = net.fresh("h"), layer.arguments
    if layer.kind == "leaky_relu":
        slope = net.number(net.number_of(given.get("slope", _slope(net, layer)), layer))
        net.node = net.gate("leaky_relu", net.node, slope, layer=layer, name=name)
    elif layer.kind == "log_softmax":
        axis = _class_axis(net, layer)
        total = net.gate("logsumexp", net.node, layer=layer, axis=axis, keepdims=True)
        net.node = net.gate("sub", net.node, total, layer=layer, name=name)
    elif layer.kind == "softmax":
        axis = _class_axis(net, layer)
        net.node = net.gate("softmax", net.node, layer=layer, name=name, axis=axis)
    else:
        net.node = net.gate(layer.kind, net.node, layer=layer, name=name)


def _slope(net: Builder, layer: Item) -> float:
    """Return the slope that LeakyReLU() has in the text's library; say which."""
    keras = layer.arguments.get("keras") or net.library == "keras"
    if not (keras or net.library or "slope" in layer.arguments):
        note = tr(
            "LeakyReLU() has PyTorch's slope 0.01 here, in Keras it is 0.3: "
            "give it, as in LeakyReLU(0.3)"
        )
        net.notes += [note] * (note not in net.notes)
    return KERAS_SLOPE if keras else TORCH_SLOPE


def _class_axis(net: Builder, layer: Item) -> int:
    """Return the axis of the classes, or of the channels; check dim= and axis=."""
    no_sequence(net, layer)
    dims = (1, -1, None) if net.is_rows else (1, 1 - len(net.shape), None)
    dim, axis = (layer.arguments.get(key) for key in ("dim", "axis"))
    if dim not in dims or axis not in (None, -1, len(net.shape) - 1):
        message = tr("{name} is over the classes, or the channels", name=layer.name)
        raise net.fail(message, layer, tr("write dim=1, or leave it out"))
    return -1 if net.is_rows else 0


# ---- residual ----


def residual(net: Builder, layer: Item) -> None:
    """Append x + f(x): a skip connection around some layers."""
    before, shape = net.node, net.shape
    layers = layer.arguments.get("layers")
    if not isinstance(layers, tuple) or not layers:
        raise net.fail(
            tr("which layers?"), layer, tr("as in Residual(Linear(8), ReLU())")
        )
    for inner in layers:
        if inner.kind == "input":
            raise net.fail(
                tr("{name} stands first in the network", name=inner.name), inner
            )
        add_layer(net, inner)
    if net.shape != shape:
        raise net.misfit(
            tr(
                "Residual adds {shape} to {shape2}: its layers must keep the shape",
                shape=show_shape(shape),
                shape2=show_shape(net.shape),
            ),
            layer,
            tr("end them with the size they start with; pad convolutions"),
        )
    net.node = net.gate("add", before, net.node, layer=layer, name=net.fresh("r"))


Append = Callable[[Builder, Item], None]
APPEND: dict[str, Append] = {
    "linear": linear,
    "conv": conv,
    "max_pool": pool,
    "avg_pool": pool,
    "global_avg": global_pool,
    "global_max": global_pool,
    "global_avg_flat": global_pool,
    "global_max_flat": global_pool,
    "flatten": flatten,
    "dropout": dropout,
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "residual": residual,
    "rnn": rnn,
    "lstm": lstm,
}


def add_layer(net: Builder, layer: Item) -> None:
    """Append a layer to the network."""
    if layer.kind not in RECURRENT:
        net.run = None  # the last step flows on, net.node
    if layer.kind != "input":
        APPEND.get(layer.kind, activate)(net, layer)
