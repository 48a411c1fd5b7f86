"""Each layer as the gates it is made of: one function a layer.

Images are (C, H, W, N), signals (C, L, N), rows (N, features): convolutions have the
batch last, so that windows, folds and pooling move long runs of memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gradtutor.gates import Shape, show_shape
from gradtutor.gates.convolution import padding_pairs, spatial_attrs
from gradtutor.graph import add_input
from gradtutor.language.builder import Builder
from gradtutor.language.items import Item
from gradtutor.language.recurrent import lstm, rnn

# ---- linear ----


def linear(net: Builder, layer: Item) -> None:
    """Append z = h W + b."""
    if "units" not in layer.arguments:
        raise net.fail("how many outputs?", layer, f"as in {layer.name}(128)")
    if not net.is_rows:
        raise net.misfit(
            f"{layer.name} takes rows (N, features), the layer before gives "
            f"{show_shape(net.shape)}",
            layer,
            "put Flatten() before it",
        )
    width = net.shape[-1]
    expected = layer.arguments.get("in_features") or width
    if expected != width:
        raise net.misfit(
            f"{layer.name} expects (N, {expected}) but the layer before gives "
            f"(N, {width})",
            layer,
            f"write {layer.name}({width}, ...) or leave the input size out",
        )
    net.depth += 1
    units = net.whole(layer.arguments["units"], layer)
    bias = layer.arguments.get("bias", True)
    weight = net.parameter("W", (width, units), layer, int(width))
    name = net.fresh("z")
    net.node = net.gate(
        "matmul", net.node, weight, layer=layer, name=None if bias else name
    )
    if bias:
        offset = net.parameter("b", (units,), layer, int(width))
        net.node = net.gate("add", net.node, offset, layer=layer, name=name)


# ---- convolution and pooling ----


def image(net: Builder, layer: Item) -> int:
    """Check that an image or signal flows; return its number of spatial axes."""
    rank = int(layer.arguments["rank"])
    if len(net.shape) != rank + 2:
        wanted = "(C, L, N)" if rank == 1 else "(C, H, W, N)"
        start = "Input(1, 512)" if rank == 1 else "Input(1, 28, 28)"
        raise net.misfit(
            f"{layer.name} takes {wanted}, the layer before gives "
            f"{show_shape(net.shape)}",
            layer,
            f"start with channels and sizes, as in {start}",
        )
    return rank


def tuple_of(net: Builder, value: Any, rank: int, layer: Item, least: int = 1) -> Any:
    """Return one whole number for each axis."""
    values = value if isinstance(value, tuple) else (value,) * rank
    if len(values) != rank:
        raise net.fail(f"{layer.name} takes {rank} number(s) here, not {value}", layer)
    return tuple(net.whole(one, layer, least) for one in values)


def conv(net: Builder, layer: Item) -> None:
    """Append z = conv(h, W) + b."""
    rank, given = image(net, layer), layer.arguments
    for name, words in (("units", "how many output channels?"), ("kernel", "what size?")):
        if name not in given:
            raise net.fail(words, layer, f"as in {layer.name}(8, 5)")
    channels = int(net.shape[0])
    expected = given.get("in_channels", channels)
    if expected != channels:
        raise net.misfit(
            f"{layer.name} expects {expected} channels but the layer before gives "
            f"{show_shape(net.shape)}: {channels}",
            layer,
            f"write {layer.name}({channels}, ...) or leave the input channels out",
        )
    units, groups = (net.whole(given.get(k, 1), layer) for k in ("units", "groups"))
    if channels % groups or units % groups:
        raise net.misfit(
            f"{groups} groups divide neither {channels} nor {units} channels evenly",
            layer,
        )
    net.depth += 1
    kernel = tuple_of(net, given["kernel"], rank, layer)
    attrs = _spatial(net, layer, kernel) | {"groups": groups}
    fan_in = channels // groups * math.prod(kernel)
    weight = net.parameter("W", (units, channels // groups, *kernel), layer, fan_in)
    bias = given.get("bias", True)
    product = net.gate(
        "conv", net.node, weight, layer=layer, name=None if bias else net.fresh("z"),
        **attrs,
    )  # fmt: skip
    net.node = product
    if bias:
        column = (units, *(1,) * (rank + 1))  # one number for each channel
        offset = net.parameter("b", column, layer, fan_in)
        net.node = net.gate("add", product, offset, layer=layer, name=net.fresh("z"))


def _spatial(net: Builder, layer: Item, kernel: tuple[int, ...]) -> dict[str, Any]:
    """Return stride, padding and dilation; Keras's "same" with a stride in numbers."""
    given, rank = layer.arguments, len(kernel)
    stride = tuple_of(net, given.get("stride") or 1, rank, layer)
    dilation = tuple_of(net, given.get("dilation") or 1, rank, layer)
    padding = given.get("padding", 0)
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise net.fail(f'padding is "same", "valid" or a number, not {padding!r}', layer)
        if padding == "same" and any(step > 1 for step in stride):
            padding = _strided_same(net, layer, kernel, stride, dilation)
    else:
        padding = tuple_of(net, padding, rank, layer, least=0)
    numbers = {"stride": stride, "padding": padding, "dilation": dilation}
    return {key: _plain(value) for key, value in numbers.items()}


def _plain(value: Any) -> Any:
    """Write (1, 1) as 1: the same along every axis."""
    alike = isinstance(value, tuple) and len(set(value)) == 1
    return value[0] if alike and isinstance(value[0], int) else value


def _strided_same(
    net: Builder,
    layer: Item,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[tuple[int, int], ...]:
    """Pad so that ceil(size / stride) windows fit, as Keras does."""
    if not layer.arguments.get("keras"):
        raise net.fail('padding="same" needs a stride of 1', layer, "give a number")
    pairs = []
    for size, k, s, d in zip(net.shape[1:], kernel, stride, dilation, strict=False):
        windows = -(-int(size) // s)
        total = max((windows - 1) * s + d * (k - 1) + 1 - int(size), 0)
        pairs.append((total // 2, total - total // 2))
    return tuple(pairs)


def pool(net: Builder, layer: Item) -> None:
    """Append p = max_pool(h), or the mean."""
    rank = image(net, layer)
    kernel = tuple_of(net, layer.arguments.get("kernel", 2), rank, layer)
    stride = layer.arguments.get("stride") or kernel
    given = Item(layer.kind, {**layer.arguments, "stride": stride}, layer.span, layer.name)
    attrs = _spatial(net, given, kernel)
    pairs = padding_pairs(spatial_attrs(attrs, kernel))
    if attrs["padding"] == "same":
        attrs["padding"] = pairs
    if attrs["stride"] in (kernel, _plain(kernel)):
        attrs["stride"] = None
    net.node = net.gate(
        layer.kind, net.node, layer=layer, name=net.fresh("p"), kernel=kernel, **attrs
    )


def global_pool(net: Builder, layer: Item) -> None:
    """Append one number a channel: the mean or the largest over all places."""
    rank = image(net, layer)
    if layer.arguments.get("size", 1) not in (1, (1,), (1, 1)):
        raise net.fail(f"{layer.name} is here for size 1 only", layer)
    axes = tuple(range(1, 1 + rank))
    keep = not layer.kind.endswith("_flat")
    gate = "mean" if "avg" in layer.kind else "maximum_over"
    name = net.fresh("p") if keep else None
    net.node = net.gate(
        gate, net.node, layer=layer, name=name, axis=axes, keepdims=keep
    )
    if not keep:
        net.node = net.gate("transpose", net.node, layer=layer, name=net.fresh("p"))


def flatten(net: Builder, layer: Item) -> None:
    """Turn (C, H, W, N) into rows (N, C·H·W)."""
    if net.is_rows:
        return
    *sizes, batch = net.shape
    columns = net.reshape(net.node, (math.prod(map(int, sizes)), batch), layer)
    net.node = net.gate("transpose", columns, layer=layer, name=net.fresh("f"))


# ---- activations ----


def activate(net: Builder, layer: Item) -> None:
    """Append h = activation(z)."""
    args, attrs = [net.node], {}
    if layer.kind == "leaky_relu":
        args.append(net.number(layer.arguments.get("slope", 0.01)))
    if layer.kind == "softmax":
        attrs["axis"] = -1 if net.is_rows else 0
    name = net.fresh("h")
    net.node = net.gate(layer.kind, *args, layer=layer, name=name, **attrs)


# ---- dropout and normalisation ----


def dropout(net: Builder, layer: Item) -> None:
    """Append h · keep, keep drawn each step: 0, or 1/(1-p) (inverted dropout)."""
    rate = net.fraction(layer.arguments.get("rate", 0.5), layer)
    if not net.training or rate == 0:
        return
    keep = add_input(
        net.graph, net.fresh("keep"), net.shape, role="mask", span=layer.span
    )
    net.graph.nodes[keep]["rate"] = rate
    net.node = net.gate("mul", net.node, keep, layer=layer, name=net.fresh("d"))


def batch_norm(net: Builder, layer: Item) -> None:
    """Append γ (x - µ)/σ + β, µ and σ of the batch; at evaluation running ones."""
    rows = net.is_rows
    features = int(net.shape[-1 if rows else 0])
    axes = (0,) if rows else tuple(range(1, len(net.shape)))
    kept: Shape = (1, features) if rows else (features, *(1,) * len(axes))
    expected = layer.arguments.get("features", features)
    if expected != features:
        raise net.misfit(
            f"{layer.name} expects {expected} features but the layer before gives "
            f"{show_shape(net.shape)}",
            layer,
        )
    net.depth += 1
    eps = float(layer.arguments.get("eps", 1e-3 if layer.arguments.get("keras") else 1e-5))
    if net.training:
        for stem, gate in (("mean", "mean"), ("var", "variance")):
            name = net.fresh(stem)
            net.gate(gate, net.node, layer=layer, name=name, axis=axes, keepdims=True)
            net.statistics.append(name)
        normal = net.gate("standardize", net.node, layer=layer, axis=axes, eps=eps)
    else:
        normal = _by_running(net, layer, kept, eps)
    net.node = _scaled(net, layer, normal, (features,) if rows else kept)


def _by_running(net: Builder, layer: Item, kept: Shape, eps: float) -> str:
    """Append (x - mean) / sqrt(var + eps) with the running statistics."""
    mean, var = (
        add_input(net.graph, net.fresh(stem), kept, role="statistic", span=layer.span)
        for stem in ("mean", "var")
    )
    net.statistics += [mean, var]
    centred = net.gate("sub", net.node, mean, layer=layer)
    raised = net.gate("add", var, net.number(eps), layer=layer)
    deviation = net.gate("sqrt", raised, layer=layer)
    return net.gate("div", centred, deviation, layer=layer)


def _scaled(net: Builder, layer: Item, normal: str, shape: Shape) -> str:
    """Append γ x + β."""
    gamma = net.parameter("gamma", shape, layer, 1, "ones")
    beta = net.parameter("beta", shape, layer, 1, "zeros")
    scaled = net.gate("mul", normal, gamma, layer=layer)
    return net.gate("add", scaled, beta, layer=layer, name=net.fresh("z"))


def layer_norm(net: Builder, layer: Item) -> None:
    """Append γ (x - µ)/σ + β, µ and σ of each example."""
    sizes = net.shape[1:] if net.is_rows else net.shape[:-1]
    axes = (1,) if net.is_rows else tuple(range(len(sizes)))
    expected = layer.arguments.get("features", sizes)
    expected = expected if isinstance(expected, tuple) else (expected,)
    if tuple(expected) != tuple(sizes):
        raise net.misfit(
            f"{layer.name} expects {show_shape(tuple(expected))} but the layer before "
            f"gives {show_shape(net.shape)}",
            layer,
        )
    net.depth += 1
    eps = float(layer.arguments.get("eps", 1e-3 if layer.arguments.get("keras") else 1e-5))
    normal = net.gate("standardize", net.node, layer=layer, axis=axes, eps=eps)
    whole = tuple(map(int, sizes))
    net.node = _scaled(net, layer, normal, whole if net.is_rows else (*whole, 1))


# ---- residual ----


def residual(net: Builder, layer: Item) -> None:
    """Append x + f(x): a skip connection around some layers."""
    before, shape = net.node, net.shape
    for inner in layer.arguments.get("layers", ()):
        add_layer(net, inner)
    if net.shape != shape:
        raise net.misfit(
            f"Residual adds {show_shape(shape)} to {show_shape(net.shape)}: its layers "
            "must keep the shape",
            layer,
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
    if net.steps and layer.kind not in ("rnn", "lstm"):
        net.steps = []  # the last step flows on, net.node
    if layer.kind != "input":
        APPEND.get(layer.kind, activate)(net, layer)
