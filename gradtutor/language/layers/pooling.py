"""Pooling layers as the gates they are made of: windows, borders, whole images."""

from __future__ import annotations

from typing import Any

from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.convolution import image, plain, spatial, tuple_of
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.volumes import border_pairs, volume_pool
from gradtutor.messages import tr

Pairs = tuple[tuple[int, int], ...]


def pool(net: Builder, layer: Item) -> None:
    """Append p = max_pool(h), or the mean."""
    rank = image(net, layer)
    kernel = tuple_of(net, layer.arguments.get("kernel", 2), rank, layer)
    attrs = _attrs(net, layer, kernel)
    holes = tuple_of(net, attrs["dilation"], rank, layer)
    pairs = border_pairs(attrs["padding"], kernel, holes)
    ends = pairs
    if layer.arguments.get("ceil_mode") is True:
        ends = _last_windows(net, layer, kernel, attrs, pairs)
    if attrs["padding"] == "same" or ends != pairs:
        attrs["padding"] = ends if any(map(any, ends)) else 0
    if attrs["stride"] in (kernel, plain(kernel)):
        attrs["stride"] = None
    counted = layer.arguments.get("count_include_pad", not layer.arguments.get("keras"))
    framed = ends != pairs if counted else any(map(any, ends))
    if layer.kind == "avg_pool" and framed:
        _mean_inside(net, layer, kernel, attrs, pairs if counted else ())
    else:
        net.node = _pooled(net, layer, net.node, kernel, attrs, net.fresh("p"))


def _attrs(net: Builder, layer: Item, kernel: tuple[int, ...]) -> dict[str, Any]:
    """Return stride, padding and dilation; the stride is the kernel's if not given."""
    stride = layer.arguments.get("stride")
    given = {**layer.arguments, "stride": kernel if stride is None else stride}
    return spatial(net, Item(layer.kind, given, layer.span, layer.name), kernel)


def _last_windows(
    net: Builder,
    layer: Item,
    kernel: tuple[int, ...],
    attrs: dict[str, Any],
    pairs: Pairs,
) -> Pairs:
    """Pad at the end so that a last window fits that starts inside (ceil_mode)."""
    found = []
    steps, holes = (
        tuple_of(net, attrs[key], len(kernel), layer) for key in ("stride", "dilation")
    )
    for size, k, s, d, (before, after) in zip(
        net.shape[1:], kernel, steps, holes, pairs, strict=False
    ):
        whole, reach = int(size) + before + after, d * (k - 1) + 1
        windows = -(-(whole - reach) // s) + 1
        windows -= (windows - 1) * s >= int(size) + before
        found.append((before, after + max((windows - 1) * s + reach - whole, 0)))
    return tuple(found)


def _pooled(
    net: Builder,
    layer: Item,
    taken: str,
    kernel: tuple[int, ...],
    attrs: dict[str, Any],
    name: str | None = None,
) -> str:
    if len(kernel) == 3:
        return volume_pool(net, layer, taken, kernel, attrs, name)
    return net.gate(layer.kind, taken, layer=layer, name=name, kernel=kernel, **attrs)


def _mean_inside(
    net: Builder,
    layer: Item,
    kernel: tuple[int, ...],
    attrs: dict[str, Any],
    counted: Pairs,
) -> None:
    """Append means over what of each window is inside: divide by how much that is.

    Parameters
    ----------
    counted : tuple of pairs
        The border that counts as inside, as zeros (PyTorch's ``count_include_pad``).
    """
    taken = net.node
    ones = net.gate("mul", taken, net.number(0.0), layer=layer)
    ones = net.gate("add", ones, net.number(1.0), layer=layer)
    if any(map(any, counted)):
        widths = ((0, 0), *counted)
        taken = net.gate("pad", taken, layer=layer, widths=widths)
        ones = net.gate("pad", ones, layer=layer, widths=widths, value=1.0)
        both = zip(attrs["padding"], counted, strict=True)
        left = tuple((a - c, b - d) for (a, b), (c, d) in both)
        attrs = {**attrs, "padding": left}
    total = _pooled(net, layer, taken, kernel, attrs)
    inside = _pooled(net, layer, ones, kernel, attrs)
    net.node = net.gate("div", total, inside, layer=layer, name=net.fresh("p"))


def global_pool(net: Builder, layer: Item) -> None:
    """Append one number a channel: the mean or the largest over all places."""
    rank = image(net, layer)
    if layer.arguments.get("size", 1) not in (1, (1,) * rank):
        raise net.fail(tr("{name} is here for size 1 only", name=layer.name), layer)
    axes = tuple(range(1, 1 + rank))
    keep = not layer.kind.endswith("_flat")
    gate = "mean" if "avg" in layer.kind else "maximum_over"
    name = net.fresh("p") if keep else None
    net.node = net.gate(
        gate, net.node, layer=layer, name=name, axis=axes, keepdims=keep
    )
    if not keep:
        net.node = net.gate("transpose", net.node, layer=layer, name=net.fresh("p"))
