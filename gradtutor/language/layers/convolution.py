"""Convolution layers as the gates they are made of.

Images are (C, H, W, N) and signals (C, L, N), with the batch last.
"""

from __future__ import annotations

import math
from typing import Any

from gradtutor.gates import show_shape
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.volumes import volume_conv
from gradtutor.messages import tr


def image(net: Builder, layer: Item) -> int:
    """Check that an image or signal flows; return its number of spatial axes."""
    rank = int(layer.arguments["rank"])
    if len(net.shape) != rank + 2 or isinstance(net.shape[-1], int):
        wanted = "(C, L, N)" if rank == 1 else "(C, H, W, N)"
        start = "Input(1, 512)" if rank == 1 else "Input(1, 28, 28)"
        raise net.misfit(
            tr(
                "{name} takes {wanted}, the layer before gives {shape}",
                name=layer.name,
                wanted=wanted,
                shape=show_shape(net.shape),
            ),
            layer,
            tr("start with channels and sizes, as in {start}", start=start),
        )
    return rank


def tuple_of(net: Builder, value: Any, rank: int, layer: Item, least: int = 1) -> Any:
    """Return one whole number for each axis."""
    values = value if isinstance(value, tuple) else (value,) * rank
    if len(values) != rank:
        raise net.fail(
            tr(
                "{name} takes {rank} number(s) here, not {value}",
                name=layer.name,
                rank=rank,
                value=value,
            ),
            layer,
        )
    return tuple(net.whole(one, layer, least) for one in values)


# ---- convolution ----


def conv(net: Builder, layer: Item) -> None:
    """Append z = conv(h, W) + b."""
    rank, given = image(net, layer), layer.arguments
    groups, units = _channels(net, layer), net.whole(given["units"], layer)
    per_group = int(net.shape[0]) // groups
    net.depth += 1
    kernel = tuple_of(net, given["kernel"], rank, layer)
    attrs = spatial(net, layer, kernel) | {"groups": groups}
    fan_in = per_group * math.prod(kernel)
    weight = net.parameter("W", (units, per_group, *kernel), layer, fan_in)
    bias, name = net.flag("bias", layer), net.fresh("z")
    alone = None if bias else name
    if rank == 3:
        net.node = volume_conv(net, layer, weight, attrs, alone)
    else:
        net.node = net.gate("conv", net.node, weight, layer=layer, name=alone, **attrs)
    if bias:
        column = (units, *(1,) * (rank + 1))  # one number for each channel
        offset = net.parameter("b", column, layer, fan_in)
        net.node = net.gate("add", net.node, offset, layer=layer, name=name)


def _channels(net: Builder, layer: Item) -> int:
    """Check the channels in and out; return the number of groups."""
    given, channels = layer.arguments, int(net.shape[0])
    for name, words in (
        ("units", tr("how many output channels?")),
        ("kernel", tr("what size?")),
    ):
        if name not in given:
            raise net.fail(words, layer, tr("as in {name}(8, 5)", name=layer.name))
    expected = net.whole(given.get("in_channels", channels), layer)
    if expected != channels:
        raise net.misfit(
            tr(
                "{name} expects {expected} channels but the layer before gives "
                "{shape}: {channels}",
                name=layer.name,
                expected=expected,
                shape=show_shape(net.shape),
                channels=channels,
            ),
            layer,
            tr(
                "write {name}({channels}, ...) or leave the input channels out",
                name=layer.name,
                channels=channels,
            ),
            (expected, channels),
        )
    units, groups = (net.whole(given.get(k, 1), layer) for k in ("units", "groups"))
    if channels % groups or units % groups:
        message = tr(
            "{groups} groups do not divide {channels} input and {units} output",
            groups=groups,
            channels=channels,
            units=units,
        )
        hint = tr("each group takes as many channels as the others")
        raise net.misfit(f"{message} channels", layer, hint)
    return groups


def spatial(net: Builder, layer: Item, kernel: tuple[int, ...]) -> dict[str, Any]:
    """Return stride, padding and dilation; Keras's "same" with a stride in numbers."""
    given, rank = layer.arguments, len(kernel)
    stride = tuple_of(net, given.get("stride", 1), rank, layer)
    dilation = tuple_of(net, given.get("dilation", 1), rank, layer)
    padding = given.get("padding", 0)
    if isinstance(padding, str):
        padding = padding.lower()
        if padding == "causal" and rank == 1:
            return {
                "stride": plain(stride),
                "padding": ((dilation[0] * (kernel[0] - 1), 0),),
                "dilation": plain(dilation),
            }
        if padding not in ("same", "valid"):
            message = tr(
                'padding is "same", "valid" or a number, not {padding!r}',
                padding=padding,
            )
            raise net.fail(message, layer)
        if padding == "same" and any(step > 1 for step in stride):
            padding = _strided_same(net, layer, kernel, stride, dilation)
    else:
        padding = tuple_of(net, padding, rank, layer, least=0)
    padding = 0 if padding == "valid" else padding
    numbers = {"stride": stride, "padding": padding, "dilation": dilation}
    return {key: plain(value) for key, value in numbers.items()}


def plain(value: Any) -> Any:
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
        raise net.misfit(
            tr(
                '{name} with padding="same" needs a stride of 1, not {stride}, '
                "on {shape}",
                name=layer.name,
                stride=plain(stride),
                shape=show_shape(net.shape),
            ),
            layer,
            tr(
                "give the padding as a number, such as {kernel}",
                kernel=(kernel[0] - 1) // 2,
            ),
        )
    pairs = []
    for size, k, s, d in zip(net.shape[1:], kernel, stride, dilation, strict=False):
        windows = -(-int(size) // s)
        total = max((windows - 1) * s + d * (k - 1) + 1 - int(size), 0)
        pairs.append((total // 2, total - total // 2))
    if all(before == after for before, after in pairs):
        return tuple(before for before, _ in pairs)  # type: ignore[misc]
    return tuple(pairs)
