"""Dropout, batch and layer normalisation as the gates they are made of."""

from __future__ import annotations

from gradtutor.gates import Shape, show_shape
from gradtutor.graph import add_input
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.messages import tr

TORCH_MOMENTUM, KERAS_MOMENTUM = 0.1, 0.99  # weight of the new batch; of the old ones
TORCH_EPS, KERAS_EPS = 1e-5, 1e-3


def dropout(net: Builder, layer: Item) -> None:
    """Append h · keep, keep drawn each step: 0, or 1/(1-p) (inverted dropout)."""
    rate = net.fraction(layer.arguments.get("rate", 0.5), layer)
    net.flag("inplace", layer)  # not the 5 of Dropout(0,5)
    if not net.training or rate == 0:
        return
    keep = add_input(
        net.graph, net.fresh("keep"), net.shape, role="mask", span=layer.span
    )
    net.graph.nodes[keep]["rate"] = rate
    net.node = net.gate("mul", net.node, keep, layer=layer, name=net.fresh("d"))


# ---- batch normalisation ----


def batch_norm(net: Builder, layer: Item) -> None:
    """Append γ (x - µ)/σ + β, µ and σ of the batch; at evaluation running ones."""
    _check_features(net, layer)
    rows = net.is_rows
    features = int(net.shape[-1 if rows else 0])
    axes = (0,) if rows else tuple(range(1, len(net.shape)))
    kept: Shape = (1, features) if rows else (features, *(1,) * len(axes))
    net.depth += 1
    eps, momentum = _eps(net, layer), _momentum(net, layer)
    if _is_still(net, layer):
        normal = _by_kept(net, layer, kept, eps)
    elif net.training:
        for stem, gate in (("mean", "mean"), ("var", "variance")):
            name = net.fresh(stem)
            net.gate(gate, net.node, layer=layer, name=name, axis=axes, keepdims=True)
            net.statistics.append(name)
            net.momentum[name] = momentum
        normal = net.gate("standardize", net.node, layer=layer, axis=axes, eps=eps)
    else:
        normal = _by_running(net, layer, kept, eps)
    net.node = _scaled(net, layer, normal, (features,) if rows else kept)


def _check_features(net: Builder, layer: Item) -> None:
    """Check the number of axes, of features and Keras's axis, which is the last."""
    no_sequence(net, layer)
    given, rank = layer.arguments, len(net.shape) - 2
    wanted = {1: (0, 1), 2: (2,), 3: (3,)}.get(int(given["rank"]), (0, 1, 2, 3))
    if rank not in wanted:
        takes = {2: "images (C, H, W, N)", 3: "volumes (C, D, H, W, N)"}.get(
            wanted[0], tr("rows or signals (C, L, N)")
        )
        better = tr("use {layer}", layer=f"BatchNorm{max(rank, 1)}d")
        raise net.misfit(
            tr(
                "{name} takes {takes}, the layer before gives {shape}",
                name=layer.name,
                takes=takes,
                shape=show_shape(net.shape),
            ),
            layer,
            better,
        )
    if given.get("axis", -1) not in (-1, rank + 1, (-1,), (rank + 1,)):
        hint = tr("leave axis out: it is the features', or the channels'")
        raise net.fail(
            tr("{name} has no axis={axis} here", name=layer.name, axis=given["axis"]),
            layer,
            hint,
        )
    features = net.shape[0] if rank else net.shape[-1]
    expected = net.whole(given.get("features", features), layer)
    if expected != features:
        raise net.misfit(
            tr(
                "{name} expects {expected} features but the layer before gives "
                "{shape}: {features}",
                name=layer.name,
                expected=expected,
                shape=show_shape(net.shape),
                features=features,
            ),
            layer,
            tr("write {text}", text=f"{layer.name}({features})"),
        )


def no_sequence(net: Builder, layer: Item) -> None:
    """Refuse a sequence (T, N, features), which only recurrent layers take."""
    if "N" in net.shape[1:-1]:
        given, hint = show_shape(net.shape), tr("put it after the recurrent layers")
        message = tr(
            "{name} takes rows or images, not a sequence {given}",
            name=layer.name,
            given=given,
        )
        raise net.misfit(message, layer, hint)


def _eps(net: Builder, layer: Item) -> float:
    usual = KERAS_EPS if layer.arguments.get("keras") else TORCH_EPS
    eps = net.number_of(layer.arguments.get("eps", usual), layer)
    if eps < 0:
        raise net.fail(
            tr("{name} takes an eps from 0 on, not {eps:g}", name=layer.name, eps=eps),
            layer,
        )
    return eps


def _momentum(net: Builder, layer: Item) -> float:
    """Return how far running statistics move to each batch's: PyTorch's meaning."""
    if layer.arguments.get("keras"):
        return 1 - net.fraction(layer.arguments.get("momentum", KERAS_MOMENTUM), layer)
    momentum = net.number_of(layer.arguments.get("momentum", TORCH_MOMENTUM), layer)
    if not 0 < momentum <= 1:
        raise net.fail(
            tr("{name} takes a momentum from 0 to 1", name=layer.name), layer
        )
    return momentum


def _is_still(net: Builder, layer: Item) -> bool:
    """Whether a normalisation is kept: Keras's takes the statistics that it has."""
    keras = bool(layer.arguments.get("keras"))
    return keras and net.role_of("gamma", layer.span) == "frozen"


def _by_kept(net: Builder, layer: Item, kept: Shape, eps: float) -> str:
    """Append (x - mean) / sqrt(var + eps) with statistics that no training changes."""
    mean = net.parameter("mean", kept, layer, 1, "zeros")
    var = net.parameter("var", kept, layer, 1, "ones")
    return _by_statistics(net, layer, mean, var, eps)


def _by_running(net: Builder, layer: Item, kept: Shape, eps: float) -> str:
    """Append (x - mean) / sqrt(var + eps) with the running statistics."""
    mean, var = (
        add_input(net.graph, net.fresh(stem), kept, role="statistic", span=layer.span)
        for stem in ("mean", "var")
    )
    net.statistics += [mean, var]
    return _by_statistics(net, layer, mean, var, eps)


def _by_statistics(net: Builder, layer: Item, mean: str, var: str, eps: float) -> str:
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


# ---- layer normalisation ----


def layer_norm(net: Builder, layer: Item) -> None:
    """Append γ (x - µ)/σ + β, µ and σ of each example."""
    no_sequence(net, layer)
    sizes = tuple(int(size) for size in net.shape if size != "N")
    expected = layer.arguments.get("features", sizes)
    expected = expected if isinstance(expected, tuple) else (expected,)
    if tuple(expected) != sizes:
        shown = show_shape(sizes) if len(sizes) > 1 else sizes[0]
        raise net.misfit(
            tr(
                "{name} expects {expected} but the layer before gives {shape}",
                name=layer.name,
                expected=show_shape(tuple(expected)),
                shape=show_shape(net.shape),
            ),
            layer,
            tr("write {text}", text=f"{layer.name}({shown})"),
        )
    axes, shape = _layer_axes(net, layer, sizes)
    net.depth += 1
    normal = net.gate(
        "standardize", net.node, layer=layer, axis=axes, eps=_eps(net, layer)
    )
    net.node = _scaled(net, layer, normal, shape)


def _layer_axes(
    net: Builder, layer: Item, sizes: tuple[int, ...]
) -> tuple[tuple[int, ...], Shape]:
    """Return the axes to standardise and the shape of γ.

    PyTorch takes all but the batch; Keras, on images, the channels of every pixel,
    unless its ``axis`` names all.
    """
    rank, axis = len(sizes), layer.arguments.get("axis", -1)
    named = sorted(axis, key=str) if isinstance(axis, tuple) else [axis]
    last = named in ([-1], [rank])
    if net.is_rows and last:
        return (1,), sizes
    every = named in (sorted(one, key=str) for one in _all_axes(rank))
    if not net.is_rows and (every or not layer.arguments.get("keras")):
        return tuple(range(rank)), (*sizes, 1)
    if not net.is_rows and last:
        return (0,), (sizes[0], *(1,) * rank)
    hint = tr("leave axis out, or name all axes but the batch")
    raise net.fail(
        tr("{name} has no axis={axis} here", name=layer.name, axis=axis), layer, hint
    )


def _all_axes(rank: int) -> tuple[range, range]:
    """Return all axes but the first, counted from the front and from the back."""
    return range(1, rank + 1), range(-rank, 0)
