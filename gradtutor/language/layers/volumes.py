"""Volumes (C, D, H, W, N): their convolution and pooling, by those of images.

A convolution over three axes is a sum, over the kernel's depth, of convolutions of
images, the depth standing beside the batch meanwhile; pooling goes over the images,
then over the depth.
"""

from __future__ import annotations

from typing import Any

from gradtutor.gates.structural.convolution import padding_pairs
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item


def volume_conv(
    net: Builder, layer: Item, weight: str, attrs: dict[str, Any], name: str | None
) -> str:
    """Append z[d] = Σ_k x[s d + k] * W[:, :, k], * over the images.

    Parameters
    ----------
    weight : str
        The node of W, (O, C, kd, kh, kw).
    attrs : dict
        Stride, padding, dilation and groups of the convolution.
    """
    depth, *rest = (int(one) for one in net.graph.nodes[weight]["shape"][2:])
    stride, dilation = (three(attrs[key]) for key in ("stride", "dilation"))
    pairs = border_pairs(attrs["padding"], (depth, *rest), dilation)
    padded = net.gate("pad", net.node, layer=layer, widths=((0, 0), pairs[0]))
    size = int(net.graph.nodes[padded]["shape"][1])
    out = (size - dilation[0] * (depth - 1) - 1) // stride[0] + 1
    flat = {
        "stride": stride[1:],
        "padding": tuple(pairs[1:]),
        "dilation": dilation[1:],
        "groups": attrs.get("groups", 1),
    }
    total = ""
    for k in range(depth):
        first = k * dilation[0]
        ends = (first, first + stride[0] * (out - 1) + 1, stride[0])
        part = net.gate("slice", padded, layer=layer, cuts=((0, None, 1), ends))
        kernel = net.gate("index", weight, layer=layer, at=(*_WHOLE, k))
        made = net.gate("conv", _beside(net, layer, part), kernel, layer=layer, **flat)
        total = net.gate("add", total, made, layer=layer) if total else made
    return _apart(net, layer, total, out, name)


_WHOLE = ((None, None, None),) * 2


def _beside(net: Builder, layer: Item, node: str) -> str:
    """Return (C, H, W, D N) of (C, D, H, W, N)."""
    channels, _, high, wide, _ = net.graph.nodes[node]["shape"]
    turned = net.gate("transpose", node, layer=layer, axes=(0, 2, 3, 1, 4))
    shape = (channels, high, wide, -1)
    return net.gate("reshape", turned, layer=layer, shape=shape)


def _apart(net: Builder, layer: Item, node: str, depth: int, name: str | None) -> str:
    """Return (C, D, H, W, N) of (C, H, W, D N)."""
    channels, high, wide, _ = net.graph.nodes[node]["shape"]
    shape = (channels, high, wide, depth, -1)
    split = net.gate("reshape", node, layer=layer, shape=shape)
    return net.gate("transpose", split, layer=layer, name=name, axes=(0, 3, 1, 2, 4))


def volume_pool(
    net: Builder,
    layer: Item,
    taken: str,
    kernel: tuple[int, ...],
    attrs: dict[str, Any],
    name: str | None,
) -> str:
    """Append the largest or the mean of blocks, over the images and then the depth."""
    strides = kernel if attrs["stride"] is None else three(attrs["stride"])
    dilation = three(attrs["dilation"])
    pairs = border_pairs(attrs["padding"], kernel, dilation)
    depth = int(net.graph.nodes[taken]["shape"][1])
    images = net.gate(
        layer.kind,
        _beside(net, layer, taken),
        layer=layer,
        kernel=kernel[1:],
        stride=strides[1:],
        padding=tuple(pairs[1:]),
        dilation=dilation[1:],
    )
    whole = _apart(net, layer, images, depth, None)
    channels, _, high, wide, _ = net.graph.nodes[whole]["shape"]
    line = net.gate("reshape", whole, layer=layer, shape=(channels, depth, -1))
    pooled = net.gate(
        layer.kind,
        line,
        layer=layer,
        kernel=kernel[:1],
        stride=strides[:1],
        padding=tuple(pairs[:1]),
        dilation=dilation[:1],
    )
    out = net.graph.nodes[pooled]["shape"][1]
    shape = (channels, out, high, wide, -1)
    return net.gate("reshape", pooled, layer=layer, name=name, shape=shape)


def three(value: Any) -> tuple[int, ...]:
    """Return a size for each of three axes: 2 as (2, 2, 2)."""
    return tuple(value) if isinstance(value, tuple) else (int(value),) * 3


def border_pairs(
    padding: Any, kernel: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """Return what is added before and after along each axis, of any number."""
    several = isinstance(padding, tuple | str)
    sides = padding if several else (padding,) * len(kernel)
    given = {"padding": sides, "kernel": kernel, "dilation": dilation}
    return padding_pairs(given)
