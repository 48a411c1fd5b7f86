"""A list of layers to the same graph that a formula makes, from data to loss.

>>> graph = parse_network('''Sequential([Input(4), Linear(3), ReLU(), Linear(2)])
... loss = CrossEntropyLoss()''')
>>> [name for name, data in graph.nodes(data=True) if data["name"]]
['X', 'W1', 'b1', 'z1', 'h1', 'W2', 'b2', 'z2', 'y', 'loss']
"""

from __future__ import annotations

import math
from typing import Any

from gradtutor.gates import Shape
from gradtutor.graph import Graph, add_input
from gradtutor.language.builder import Builder
from gradtutor.language.items import Item
from gradtutor.language.layer_gates import add_layer
from gradtutor.language.layers import activation_kind
from gradtutor.language.network_loss import add_loss, folded_loss
from gradtutor.language.network_text import NetworkText
from gradtutor.language.syntax import Source


def is_network(text: str) -> bool:
    """Whether a text is a list of layers rather than a formula."""
    return "Sequential" in text


def parse_network(
    text: str,
    features: int | None = None,
    classes: int | None = None,
    *,
    training: bool = True,
) -> Graph:
    """Read a layer list with its loss into a graph.

    Parameters
    ----------
    text : str
        ``Sequential([...])`` and ``loss = ...``, perhaps ``optimizer = ...``, in this
        program's, PyTorch's or Keras's spelling. Imports are passed over.
    features : int, optional
        Size of one example, for a list that does not start with ``Input``.
    classes : int, optional
        Number of classes; with it, a squared loss compares with one-hot rows.
    training : bool
        Whether dropout drops and batch normalisation takes the batch's statistics.

    Returns
    -------
    Graph
        Input ``X``: rows (N, features), images (C, H, W, N), signals (C, L, N) or a
        sequence (T, N, features); parameters ``W1``, ``b1``, ...; target ``y``; the
        output ``loss``. Its attribute ``network`` names the prediction's node, the
        kind of loss, the optimiser and its settings.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake.
    """
    source = Source(text)
    statements = NetworkText(source)
    net = Builder(source, training=training)
    layers = _with_activations(source, statements.layers)
    assert statements.loss is not None
    loss, layers = folded_loss(net, statements.loss, layers)
    net.node = add_input(net.graph, "X", _input_shape(net, layers, features))
    for layer in layers:
        add_layer(net, layer)
    prediction = net.node
    add_loss(net, loss, statements.regulariser, layers[-1], classes)
    net.graph.graph["network"] = _facts(net, statements, prediction, loss, classes)
    return net.graph


def _facts(
    net: Builder,
    statements: NetworkText,
    prediction: str,
    loss: Item,
    classes: int | None,
) -> dict[str, Any]:
    optimiser = statements.optimiser or Item("adam")
    settings = {k: v for k, v in optimiser.arguments.items() if k not in ("rank",)}
    schedule = statements.schedule or Item("constant")
    return {
        "prediction": prediction,
        "loss": loss.kind,
        "classes": classes,
        "optimiser": optimiser.kind,
        "learning_rate": settings.pop("learning_rate", None),
        "optimiser_settings": settings,
        "schedule": schedule.kind,
        "schedule_settings": dict(schedule.arguments),
        "statistics": net.statistics,
        "notes": net.notes,
    }


# ---- the input ----

#: Layers that say what one example looks like by what they take.
SPATIAL = {"conv", "max_pool", "avg_pool", "global_avg", "global_max"}


def _input_shape(net: Builder, layers: list[Item], features: int | None) -> Shape:
    """Return X's shape: as rows, unless the first layer wants axes."""
    first = next(
        (one for one in _flat(layers) if one.kind not in ("input", "dropout")), layers[0]
    )
    given = layers[0].arguments.get("shape")
    sizes = _sizes(net, layers[0], given)
    kind = first.kind.removesuffix("_flat")
    if not sizes and features and kind in SPATIAL:
        sizes = _square(net, first, features)
    if not sizes:
        wide = layers[0].arguments.get("in_features", features)
        sizes = _sizes(net, layers[0], wide)
    if not sizes:
        hint = "start with Input(784), or write Linear(784, 128)"
        raise net.fail("the input size is unknown", layers[0], hint)
    _check_features(net, layers[0], sizes, features)
    return _axes(net, layers, first, kind, sizes)


def _flat(layers: list[Item]) -> list[Item]:
    """Return the layers, those inside a Residual too."""
    flat: list[Item] = []
    for layer in layers:
        flat += _flat(list(layer.arguments.get("layers", ()))) or [layer]
    return flat


def _sizes(net: Builder, item: Item, given: Any) -> tuple[int, ...]:
    if given is None:
        return ()
    values = given if isinstance(given, tuple) else (given,)
    return tuple(net.whole(one, item) for one in values if one is not None)


def _square(net: Builder, layer: Item, features: int) -> tuple[int, ...]:
    """Return the square image that rows of this length are, given the channels."""
    channels = int(layer.arguments.get("in_channels", 1))
    rank = int(layer.arguments["rank"])
    side = round((features / channels) ** (1 / rank))
    return (channels, *[side] * rank) if channels * side**rank == features else ()


def _check_features(
    net: Builder, item: Item, sizes: tuple[int, ...], features: int | None
) -> None:
    size = math.prod(sizes)
    if features not in (None, size):
        shown = str(sizes[0]) if len(sizes) == 1 else f"{size} ({sizes})"
        message = f"the network takes {shown} inputs, the data have {features}"
        raise net.misfit(message, item, f"start with Input({features})")


def _axes(
    net: Builder, layers: list[Item], first: Item, kind: str, sizes: tuple[int, ...]
) -> Shape:
    """Order the axes of X for the first layer that looks at them."""
    if first.kind in ("rnn", "lstm"):
        if len(sizes) == 1:
            raise net.misfit(
                f"{first.name} takes steps and features, not {sizes[0]} numbers",
                layers[0], "start with Input(28, 28)")  # fmt: skip
        return (sizes[0], "N", sizes[1])
    spatial = kind in SPATIAL or (kind in ("batch_norm", "layer_norm") and len(sizes) > 1)
    if not spatial:
        if first.kind != "flatten" and len(sizes) > 1:
            raise net.misfit(
                f"{first.name} takes rows (N, features), an example is {sizes}",
                first, "put Flatten() before it")  # fmt: skip
        return ("N", math.prod(sizes))
    rank = int(first.arguments.get("rank") or len(sizes) - 1)
    if len(sizes) == rank:
        sizes = (1, *sizes)
    elif first.arguments.get("keras") and len(sizes) == rank + 1:
        sizes = (sizes[-1], *sizes[:-1])
        if sizes[0] > 1:
            net.notes.append("rows of data are read with the channels first: (C, H, W)")
    return (*sizes, "N")


def _with_activations(source: Source, layers: list[Item]) -> list[Item]:
    """Write Dense(10, activation="relu") as two layers, as PyTorch does."""
    result: list[Item] = []
    for layer in layers:
        inner = layer.arguments.get("layers")
        if inner is not None:
            flat = tuple(_with_activations(source, list(inner)))
            layer = Item(layer.kind, {"layers": flat}, layer.span, layer.name)
        if layer.kind != "activation":
            result.append(layer)
        if layer.kind not in ("rnn", "lstm"):
            word = layer.arguments.get("activation")
            kind = activation_kind(source, word, layer.span)
            if kind is not None:
                result.append(Item(kind, {}, layer.span, str(word)))
    return result
