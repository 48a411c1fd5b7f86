"""The shape of X: from Input, from the first layer, or from the data's features."""

from __future__ import annotations

import math
from typing import Any

from gradtutor.gates import Shape
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.spellings import POINTWISE, RECURRENT
from gradtutor.messages import tr

#: Layers that say what one example looks like by what they take.
SPATIAL = {"conv", "max_pool", "avg_pool", "global_avg", "global_max"}
NORMS = ("batch_norm", "layer_norm")


def input_shape(
    net: Builder, layers: list[Item], given: int | tuple[int, ...] | None
) -> Shape:
    """Return X's shape: as rows, unless the first layer wants axes."""
    first = _first(layers)
    example = given if isinstance(given, tuple) else ()
    features = math.prod(example) if isinstance(given, tuple) else given
    sizes = _sizes(net, layers[0], layers[0].arguments.get("shape"))
    if not sizes and len(example) > 1:
        sizes = _axes_of_example(net, layers[0], first, example)
    if not sizes and features:
        sizes = _axes_of_features(net, first, features)
    if not sizes:
        wide = layers[0].arguments.get("in_features", features)
        sizes = _sizes(net, layers[0], wide)
    if not sizes or (
        first.kind in RECURRENT and layers[0].kind != "input" and not (len(sizes) > 1)
    ):
        raise net.fail(tr("the input size is unknown"), layers[0], _start(first))
    _check_features(net, layers[0], sizes, features, example)
    return _axes(net, layers, first, sizes)


def _kind(layer: Item) -> str:
    return layer.kind.removesuffix("_flat")


def _start(first: Item) -> str:
    """Say how the list can start, for the first layer that looks at the axes."""
    if first.kind in RECURRENT:
        return tr("start with steps and features, as in Input(28, 28)")
    if _kind(first) in SPATIAL:
        one = first.arguments["rank"] == 1
        return tr("start with {shown}", shown=f"Input(1, {'512' if one else '28, 28'})")
    return tr("start with Input(784), or write Linear(784, 128)")


def _first(layers: list[Item]) -> Item:
    """Return the first layer that looks at the axes of what it takes."""
    flat = [one for one in _flat(layers) if one.kind not in POINTWISE | {"input"}]
    for layer in flat:
        if layer.kind not in NORMS:
            break
    else:
        return flat[0] if flat else layers[0]
    return layer if layer.kind in RECURRENT else flat[0]


def _flat(layers: list[Item]) -> list[Item]:
    """Return the layers, those inside a Residual too."""
    flat: list[Item] = []
    for layer in layers:
        inner = layer.arguments.get("layers")
        flat += _flat(list(inner)) if isinstance(inner, tuple) and inner else [layer]
    return flat


def _sizes(net: Builder, item: Item, given: Any) -> tuple[int, ...]:
    if given is None:
        return ()
    values = given if isinstance(given, tuple) else (given,)
    return tuple(net.whole(one, item) for one in values if one is not None)


def _axes_of_features(net: Builder, first: Item, features: int) -> tuple[int, ...]:
    """Return the square image or the steps that rows of this length are."""
    if first.kind in RECURRENT:
        width = net.whole(first.arguments.get("in_features", 1), first)
        return (features // width, width) if features % width == 0 else ()
    if _kind(first) not in SPATIAL:
        return ()
    channels = net.whole(first.arguments.get("in_channels", 1), first)
    rank = int(first.arguments["rank"])
    side = round((features / channels) ** (1 / rank))
    return (channels, *[side] * rank) if channels * side**rank == features else ()


def _axes_of_example(
    net: Builder, item: Item, first: Item, example: tuple[int, ...]
) -> tuple[int, ...]:
    """Return an example's sizes in the order that the first layer's library has."""
    if first.kind in RECURRENT:
        width = first.arguments.get("in_features", example[-1])
        return example[::-1] if width not in example[-1:] else example
    if _kind(first) not in SPATIAL:
        return example if first.kind == "flatten" else ()
    rank, keras = int(first.arguments["rank"]), first.arguments.get("keras")
    if len(example) == rank:
        return (*example, 1) if keras else (1, *example)
    if keras or len(example) != rank + 1:
        return example
    channels_last = (*example[-1:], *example[:-1])
    wanted = first.arguments.get("in_channels")
    likely = (1, 3) if wanted is None else (wanted,)
    for sizes in (example, channels_last):
        if sizes[0] in likely:
            return sizes
    if wanted is None:
        shown = tr(
            "{first} or {second}",
            first=f"Input{example}",
            second=f"Input{channels_last}",
        )
        message = tr(
            "which axis of the data's {example} is the channels'?", example=example
        )
        raise net.fail(message, item, tr("start with {shown}", shown=shown))
    return example


def _check_features(
    net: Builder,
    item: Item,
    sizes: tuple[int, ...],
    features: int | None,
    example: tuple[int, ...] = (),
) -> None:
    size = math.prod(sizes)
    if features not in (None, size):
        shown = str(sizes[0]) if len(sizes) == 1 else f"{size} ({sizes})"
        message = tr(
            "the network takes {shown} inputs, the data have {features}",
            shown=shown,
            features=features,
        )
        if len(example) > 1:
            message += f" ({example})"
        raise net.misfit(
            message,
            item,
            tr("start with Input({sizes})", sizes=_as_many(sizes, features)),
        )


def _as_many(sizes: tuple[int, ...], features: int | None) -> str:
    """Return sizes of so many numbers: channels and a square, if the axes were such."""
    side = math.isqrt((features or 0) // sizes[0])
    if len(sizes) == 3 and sizes[0] * side * side == features:
        return f"{sizes[0]}, {side}, {side}"
    return str(features)


def _axes(
    net: Builder, layers: list[Item], first: Item, sizes: tuple[int, ...]
) -> Shape:
    """Order the axes of X for the first layer that looks at them."""
    if first.kind in RECURRENT:
        if len(sizes) != 2:
            message = tr(
                "{name} takes steps and features, an example is {sizes}",
                name=first.name,
                sizes=sizes,
            )
            raise net.misfit(message, layers[0], _start(first))
        return (sizes[0], "N", sizes[1])
    if _kind(first) in SPATIAL or (first.kind in NORMS and len(sizes) > 1):
        return (*_channels_first(net, first, sizes), "N")
    if first.kind != "flatten" and len(sizes) > 1:
        message = tr(
            "{name} takes rows (N, features), an example is {sizes}",
            name=first.name,
            sizes=sizes,
        )
        raise net.misfit(message, first, tr("put Flatten() before it"))
    return ("N", math.prod(sizes))


def _channels_first(
    net: Builder, first: Item, sizes: tuple[int, ...]
) -> tuple[int, ...]:
    """Return (C, H, W) or (C, L); Keras writes the channels last."""
    rank = int(first.arguments.get("rank") or len(sizes) - 1)
    if len(sizes) == rank:
        return (1, *sizes)
    if first.arguments.get("keras") and len(sizes) == rank + 1:
        net.channels_last = True
        return (sizes[-1], *sizes[:-1])
    return sizes
