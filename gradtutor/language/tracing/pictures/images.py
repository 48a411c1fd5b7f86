"""Layers of images and signals: brought to (C, H, W, N), counted as the text does."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.convolution import conv, tuple_of
from gradtutor.language.layers.items import Item
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.arithmetic import pointwise
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def use_of(item: Item) -> str:
    """Return where a layer's text has the channels."""
    return "channels_last" if item.arguments.get("keras") else "channels_first"


def as_images(
    tracer: Tracer,
    item: Item,
    x: Any,
    node: ast.AST,
    make: Callable[[], None],
    rank: int = 0,
) -> Tensor:
    """Run what works on (C, H, W, N), and count the axes as the text does."""
    net = tracer.net
    rank = rank or int(item.arguments.get("rank") or 2)
    last = bool(item.arguments.get("keras"))
    t = tracer.tensor(x, node, use_of(item))
    if len(t.order) != rank + 2:
        shown = ", ".join(
            str(s) if isinstance(s, int) else "N" for s in tracer.sizes(t)
        )
        message = tr(
            "{item} takes {rank} axes, the layer before gives ({shown})",
            item=item.name,
            rank=rank + 2,
            shown=shown,
        )
        raise net.misfit(message, item)
    axes = (rank + 1, *range(1, rank + 1), 0) if last else (*range(1, rank + 2), 0)
    net.node = tracer.arranged(t, axes, node)
    make()
    return Tensor(net.node, counted(rank, last=last))


def counted(rank: int, *, last: bool) -> tuple[int, ...]:
    """Return the order of (C, H, W, N) for a text with the channels last, or first."""
    if last:
        return (rank + 1, *range(1, rank + 1), 0)
    return (rank + 1, *range(rank + 1))


# ---- convolutions of other kinds ----


def conv_transposed(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append a transposed convolution: zeros between the numbers, then a convolution.

    The kernel is that of the forward map, turned; W is (out, in, kh, kw) here.
    """
    net, item = tracer.net, layer.item

    def make() -> None:
        rank, given = len(net.shape) - 2, item.arguments
        kernel = tuple_of(net, given.get("kernel"), rank, item)
        stride = tuple_of(net, given.get("stride", 1), rank, item)
        widths = [(0, 0, 0)]
        for k, s, (before, after) in zip(
            kernel, stride, _margins(tracer, item, kernel, stride), strict=True
        ):
            widths.append((k - 1 - before, k - 1 - after, s - 1))
        net.node = net.gate("pad", net.node, layer=item, widths=tuple(widths))
        plain = {"rank": rank, "units": given.get("units"), "kernel": kernel}
        plain |= {"bias": given.get("bias", True), "keras": given.get("keras", False)}
        inside = {k: v for k, v in plain.items() if v is not None}
        inside["saved_as"] = "conv_transposed"
        conv(net, Item("conv", inside, item.span, item.name, net.path_of(item)))

    return as_images(tracer, item, x, node, make)


def _margins(
    tracer: Tracer, item: Item, kernel: tuple[int, ...], stride: tuple[int, ...]
) -> list[tuple[int, int]]:
    """Return what is cut off before and after along each axis."""
    given, rank = item.arguments, len(kernel)
    padding = given.get("padding", 0)
    padding = padding.lower() if isinstance(padding, str) else padding
    if padding == "valid":
        padding = 0
    if padding == "same":  # the output is stride times as large
        totals = [max(k - s, 0) for k, s in zip(kernel, stride, strict=True)]
        return [(t // 2, t - t // 2) for t in totals]
    sides = tuple_of(tracer.net, padding, rank, item, least=0)
    more = tuple_of(tracer.net, given.get("output_padding") or 0, rank, item, least=0)
    return [(p, p - extra) for p, extra in zip(sides, more, strict=True)]


def depthwise(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append a convolution of every channel by itself."""
    net, item = tracer.net, layer.item

    def make() -> None:
        channels = int(net.shape[0])
        many = net.whole(item.arguments.get("multiplier", 1), item)
        given = {**item.arguments, "units": channels * many, "groups": channels}
        conv(net, Item("conv", given, item.span, item.name, net.path_of(item)))

    return as_images(tracer, item, x, node, make)


def separable(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append a convolution of every channel, then one of size 1 across them."""
    net, item = tracer.net, layer.item

    def make() -> None:
        channels = int(net.shape[0])
        many = net.whole(item.arguments.get("multiplier", 1), item)
        given = {**item.arguments, "units": channels * many, "groups": channels}
        conv(net, Item("conv", given | {"bias": False}, item.span, item.name))
        across = {
            "rank": len(net.shape) - 2,
            "kernel": 1,
            "units": item.arguments.get("units"),
        }
        across["bias"] = item.arguments.get("bias", True)
        conv(net, Item("conv", across, item.span, item.name))

    return as_images(tracer, item, x, node, make)


def prelu(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append z for z > 0, else a z, with a trained slope a (He et al. 2015)."""
    net, item = tracer.net, layer.item
    t = tracer.tensor(x, node)
    count = item.arguments.get("count", 1)
    net.depth += 1
    channels = tracer.sizes(t)[1]
    if count not in (1, channels):
        message = tr(
            "PReLU has {count} slopes, its input {channels} channels",
            count=count,
            channels=channels,
        )
        hint = tr(
            "write PReLU() for one slope, PReLU({n}) for one a channel", n=channels
        )
        raise net.misfit(message, item, hint)
    slope = net.parameter("gamma", (count,), item, 1, "ones")
    net.graph.nodes[slope]["start"] = 0.25
    if len(t.order) > 2:  # it lies as x does, whose channels are the text's second axis
        shape = [1] * len(t.order)
        shape[t.order[1]] = count
        a = Tensor(net.reshape(slope, tuple(shape), item), t.order)
    else:
        a = Tensor(slope, (0,))
    above = pointwise(tracer, "greater", t, 0.0, node)
    below = pointwise(tracer, "mul", t, a, node)
    made = net.gate("where", above.node, t.node, below.node, layer=item)
    return Tensor(made, t.order)
