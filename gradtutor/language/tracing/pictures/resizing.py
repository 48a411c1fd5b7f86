"""Images and signals made larger, smaller or framed: upsampling, pooling, padding."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.convolution import tuple_of
from gradtutor.language.layers.items import Item
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.pictures.images import as_images
from gradtutor.language.tracing.pictures.interpolation import between_places, uneven
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

# ---- sizes ----


def adaptive(tracer: Tracer, item: Item, x: Any, size: Any, node: ast.AST) -> Tensor:
    """Append pooling to a given size, where the windows are all alike."""
    net = tracer.net
    gate = "avg_pool" if "avg" in item.kind else "max_pool"

    def make() -> None:
        rank = len(net.shape) - 2
        goals = tuple_of(net, size, rank, item)
        places = [int(one) for one in net.shape[1:-1]]
        if any(place % goal for place, goal in zip(places, goals, strict=True)):
            for axis, goal in enumerate(goals, start=1):
                net.node = _windows(tracer, item, axis, goal)
            return
        kernel = tuple(p // g for p, g in zip(places, goals, strict=True))
        if set(kernel) != {1}:
            attrs: dict[str, Any] = {"kernel": kernel, "stride": None, "padding": 0}
            attrs |= {"dilation": 1} if gate == "max_pool" else {}
            name = net.fresh("p")
            net.node = net.gate(gate, net.node, layer=item, name=name, **attrs)

    return as_images(tracer, item, x, node, make)


def _windows(tracer: Tracer, item: Item, axis: int, goal: int) -> str:
    """Append PyTorch's uneven windows: from floor(i n/m) to ceil((i + 1) n/m)."""
    net, size = tracer.net, int(tracer.net.shape[axis])
    gate, start = "mean" if "avg" in item.kind else "maximum_over", net.node
    parts = []
    for i in range(goal):
        ends = (i * size // goal, -(-(i + 1) * size // goal), 1)
        part = _part(tracer, item, start, axis, ends)
        parts.append(net.gate(gate, part, layer=item, axis=(axis,), keepdims=True))
    return _together(tracer, item, parts, axis)


def _part(
    tracer: Tracer, item: Item, node: str, axis: int, ends: tuple[int, int, int]
) -> str:
    """Append a slice along one axis."""
    cuts = (*((0, None, 1),) * axis, ends)
    return tracer.net.gate("slice", node, layer=item, cuts=cuts)


def _together(tracer: Tracer, item: Item, parts: list[str], axis: int) -> str:
    """Append parts one after the other along an axis, in pairs."""
    while len(parts) > 1:
        parts = [
            tracer.net.gate("concat", *parts[i : i + 2], layer=item, axis=axis)
            if i + 1 < len(parts)
            else parts[i]
            for i in range(0, len(parts), 2)
        ]
    return parts[0]


def upsample(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append each number so many times along every axis of the image (nearest)."""
    net, item = tracer.net, layer.item
    mode = item.arguments.get("mode", "nearest")
    linear = mode in ("bilinear", "linear", "trilinear")
    if mode != "nearest" and not linear:
        raise net.fail(
            tr("{item} is here with mode nearest or bilinear", item=item.name), item
        )
    corners = linear and item.arguments.get("align_corners") is True

    def make() -> None:
        rank = len(net.shape) - 2
        if goals := uneven(net, item, rank, corners=corners):
            inside = "middles" if linear else "nearest"
            between_places(tracer, item, goals, "corners" if corners else inside)
            return
        factor = item.arguments.get("factor")
        if factor is None and item.arguments.get("size") is not None:
            goals = tuple_of(net, item.arguments["size"], rank, item)
            places = (int(one) for one in net.shape[1:-1])
            factor = tuple(goal / p for goal, p in zip(goals, places, strict=True))
        factors = tuple_of(net, _whole(2 if factor is None else factor), rank, item)
        for axis, times in enumerate(factors, start=1):
            net.whole(times, item)
            if linear and times > 1:
                net.node = _between(tracer, item, axis, times)
        if not linear:
            net.node = repeated(tracer, net.node, factors, item)

    rank = int(item.arguments.get("rank") or len(tracer.sizes(x)) - 2)
    return as_images(tracer, item, x, node, make, rank)


def _between(tracer: Tracer, item: Item, axis: int, times: int) -> str:
    """Append values between neighbours, each axis by itself; the edge is held.

    Number k of ``times`` lies (k + 1/2)/times - 1/2 away from the place it is made of.
    """
    net, start = tracer.net, tracer.net.node
    size = int(net.shape[axis])
    before = [(0, 1, 1), (0, size - 1, 1)] if size > 1 else [(0, 1, 1)]
    after = [(1, size, 1), (size - 1, size, 1)] if size > 1 else [(0, 1, 1)]
    sides = [
        _together(
            tracer, item, [_part(tracer, item, start, axis, e) for e in ends], axis
        )
        for ends in (before, after)
    ]
    shape = list(net.graph.nodes[start]["shape"])
    parts = []
    for k in range(times):
        away = (k + 0.5) / times - 0.5
        other = sides[0] if away < 0 else sides[1]
        kept = net.gate("mul", start, net.number(1 - abs(away)), layer=item)
        lent = net.gate("mul", other, net.number(abs(away)), layer=item)
        both = net.gate("add", kept, lent, layer=item)
        alone = (*shape[: axis + 1], 1, *shape[axis + 1 :])
        parts.append(net.reshape(both, alone, item))
    joined = _together(tracer, item, parts, axis + 1)
    shape[axis] = size * times
    return net.reshape(joined, tuple(shape), item)


def _whole(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_whole, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def repeated(tracer: Tracer, node: str, factors: tuple[int, ...], item: Item) -> str:
    """Append (C, H·f, W·g, N): an axis of ones beside each, summed out by einsum."""
    net = tracer.net
    for axis, factor in enumerate(factors, start=1):
        if factor == 1:
            continue
        shape = list(net.graph.nodes[node]["shape"])
        lone = net.reshape(node, (*shape[: axis + 1], 1, *shape[axis + 1 :]), item)
        pair = lone
        for _ in range(factor - 1):
            pair = net.gate("concat", pair, lone, layer=item, axis=axis + 1)
        shape[axis] = int(shape[axis]) * factor
        node = net.reshape(pair, tuple(shape), item)
    return node


def zero_pad(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append zeros around an image."""
    net, item = tracer.net, layer.item

    def make() -> None:
        rank = len(net.shape) - 2
        pairs = _pairs(tracer, item, item.arguments.get("padding", 1), rank)
        widths = ((0, 0), *pairs)
        net.node = net.gate("pad", net.node, layer=item, widths=widths)

    return as_images(tracer, item, x, node, make)


def crop(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Cut off a frame: Keras's Cropping2D(((top, bottom), (left, right)))."""
    net, item = tracer.net, layer.item

    def make() -> None:
        rank = len(net.shape) - 2
        pairs = _pairs(tracer, item, item.arguments.get("padding", 1), rank)
        ends = []
        for size, (low, high) in zip(net.shape[1:-1], pairs, strict=True):
            if low + high >= int(size):
                raise net.misfit(
                    tr("{item} leaves nothing of {size}", item=item.name, size=size),
                    item,
                )
            ends.append((low, int(size) - high, 1))
        cuts = ((0, None, 1), *ends)
        net.node = net.gate("slice", net.node, layer=item, cuts=cuts)

    return as_images(tracer, item, x, node, make)


def pixel_shuffle(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Spread r² channels over squares of r by r places (Shi et al. 2016)."""
    factor = tracer.net.whole(layer.item.arguments.get("factor"), layer.item)
    pattern = "b (c r s) h w -> b c (h r) (w s)"
    sizes = {"r": factor, "s": factor}
    return tracer.function("rearrange", [x, pattern], sizes, node)  # type: ignore[no-any-return]


def edge_pad(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Frame an image by its own edge, mirrored or held."""
    net, item = tracer.net, layer.item

    def make() -> None:
        rank = len(net.shape) - 2
        pairs = _pairs(tracer, item, item.arguments.get("padding", 1), rank)
        if item.arguments["how"] == "constant":
            net.node = net.gate("pad", net.node, layer=item, widths=((0, 0), *pairs))
            return
        for axis, (low, high) in enumerate(pairs, start=1):
            net.node = _framed(tracer, item, axis, low, high)

    return as_images(tracer, item, x, node, make)


def _framed(tracer: Tracer, item: Item, axis: int, low: int, high: int) -> str:
    """Append what lies before and after along one axis: a mirror image, or the edge."""
    net, start, size = tracer.net, tracer.net.node, int(tracer.net.shape[axis])
    if item.arguments["how"] == "reflection":
        if max(low, high) >= size:
            raise net.misfit(tr("{item} is wider than the image", item=item.name), item)
        before, after = (1, low + 1, 1), (size - high - 1, size - 1, 1)
        mirrored = [
            net.gate(
                "flip", _part(tracer, item, start, axis, ends), layer=item, axis=axis
            )
            for ends, width in ((before, low), (after, high))
            if width
        ]
        parts = [*mirrored[: low > 0], start, *mirrored[low > 0 :]]
    else:
        first = _part(tracer, item, start, axis, (0, 1, 1))
        last = _part(tracer, item, start, axis, (size - 1, size, 1))
        parts = [first] * low + [start] + [last] * high
    return _together(tracer, item, parts, axis)


def _pairs(
    tracer: Tracer, item: Item, padding: Any, rank: int
) -> tuple[tuple[int, int], ...]:
    """Read padding of Keras ((top, bottom), (left, right)), or PyTorch's four sides."""
    if isinstance(padding, int):
        return ((padding, padding),) * rank
    if item.arguments.get("keras"):
        given = padding if rank > 1 or isinstance(padding[0], tuple) else (padding,)
        return tuple((p, p) if isinstance(p, int) else (p[0], p[1]) for p in given)
    flat = list(padding)
    return tuple((flat[2 * i], flat[2 * i + 1]) for i in range(rank))[::-1]
