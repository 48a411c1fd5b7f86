"""Losses that count some classes more: weight, pos_weight, Keras's class_weight.

PyTorch divides by the sum of the weights, Keras by the number of examples.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradtutor.graph import add_input
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.messages import tr

#: What a loss's arguments call its weights.
WEIGHTS = ("class_weights", "pos_weight")
#: Losses of one class an example, and of bits.
OF_CLASSES = ("cross_entropy", "nll_loss")
OF_BITS = ("bce_with_logits", "binary_cross_entropy")


def is_weighted(loss: Item) -> bool:
    """Whether a loss counts some classes more."""
    return any(word in loss.arguments for word in WEIGHTS)


def weighted(net: Builder, loss: Item, z: str, y: str, name: str) -> str:
    """Append the mean of w l over a batch, l the loss of one example (or one output).

    Raises
    ------
    SourceError
        When this loss takes no weights here, or there are not as many as classes.
    """
    if loss.kind in OF_CLASSES:
        return _classes(net, loss, z, y, name)
    if loss.kind in OF_BITS:
        return _bits(net, loss, z, y, name)
    raise net.fail(tr("{name} takes no weights here", name=loss.name), loss)


def _table(net: Builder, loss: Item, values: Sequence[float], width: int) -> str:
    """Append the weights as an array of constants."""
    if len(values) != width:
        message = tr(
            "{name} has {given} weights, the network {width} outputs",
            name=loss.name, given=len(values), width=width,
        )  # fmt: skip
        raise net.misfit(message, loss)
    node = add_input(
        net.graph, "class_weights", (width,), role="constant", span=loss.span
    )
    net.graph.nodes[node]["value"] = [float(one) for one in values]
    return node


def _classes(net: Builder, loss: Item, z: str, y: str, name: str) -> str:
    """Append Σ w_y (logsumexp(z) - z_y) / Σ w_y, with the part of smoothed labels."""
    width = int(net.graph.nodes[z]["shape"][-1])
    values = loss.arguments["class_weights"]
    keras = bool(loss.arguments.get("plain_mean"))
    if keras:  # a class without a weight counts 1
        values = (*values, *[1.0] * (width - len(values)))
    table = _table(net, loss, values, width)
    right = net.gate("one_hot", y, z, layer=loss)
    picked = net.gate("mul", z, right, layer=loss)
    picked = net.gate("sum", picked, layer=loss, axis=(-1,), keepdims=False)
    if loss.kind == "nll_loss":
        each = net.gate("neg", net.gate("log", picked, layer=loss), layer=loss)
    else:
        total = net.gate("logsumexp", z, layer=loss, axis=-1, keepdims=False)
        each = net.gate("sub", total, picked, layer=loss)
    weight = net.gate("gather", table, y, layer=loss)
    counted = net.gate("mul", weight, each, layer=loss)
    if smoothing := loss.arguments.get("smoothing"):
        if loss.kind == "nll_loss":
            raise net.fail(tr("{name} takes no weights here", name=loss.name), loss)
        factor = net.number(1.0 - smoothing)
        counted = net.gate("mul", counted, factor, layer=loss)
        spread = _spread(net, loss, z, total, "" if keras else table, sum(values))
        share = net.number(smoothing / width)
        spread = net.gate("mul", spread, share, layer=loss)
        if keras:
            spread = net.gate("mul", weight, spread, layer=loss)
        counted = net.gate("add", counted, spread, layer=loss)
    if keras:
        return _mean(net, loss, counted, name)
    sums = [
        net.gate("sum", one, layer=loss, axis=None, keepdims=False)
        for one in (counted, weight)
    ]
    return net.gate("div", *sums, layer=loss, name=name)


def _spread(
    net: Builder, loss: Item, z: str, total: str, table: str, whole: float
) -> str:
    """Append Σ_c w_c (logsumexp(z) - z_c): smoothed labels give each class a share.

    PyTorch weighs each class in it by its own weight; Keras the example as a whole,
    so that without a ``table`` every w_c is 1.
    """
    width = int(net.graph.nodes[z]["shape"][-1])
    count = net.number(whole if table else float(width))
    rows = net.gate("mul", z, table, layer=loss) if table else z
    rows = net.gate("sum", rows, layer=loss, axis=(-1,), keepdims=False)
    all_of = net.gate("mul", total, count, layer=loss)
    return net.gate("sub", all_of, rows, layer=loss)


def _mean(net: Builder, loss: Item, each: str, name: str) -> str:
    return net.gate("mean", each, layer=loss, axis=None, keepdims=False, name=name)


def _bits(net: Builder, loss: Item, z: str, t: str, name: str) -> str:
    """Append the mean of w₁ t softplus(-z) + w₀ (1 - t) softplus(z)."""
    width = int(net.graph.nodes[z]["shape"][-1])
    one = net.number(1.0)
    rest = net.gate("sub", one, t, layer=loss)
    if loss.kind == "bce_with_logits":
        turned = net.gate("neg", z, layer=loss)
        parts = [net.gate("softplus", x, layer=loss) for x in (turned, z)]
    else:
        other = net.gate("sub", one, z, layer=loss)
        logs = [net.gate("log", x, layer=loss) for x in (z, other)]
        parts = [net.gate("neg", x, layer=loss) for x in logs]
    right, wrong = (
        net.gate("mul", a, b, layer=loss) for a, b in zip((t, rest), parts, strict=True)
    )
    positive = loss.arguments.get("pos_weight")
    if positive is not None:
        many = len(positive) > 1
        factor = _table(net, loss, positive, width) if many else net.number(positive[0])
        right = net.gate("mul", right, factor, layer=loss)
    pair = loss.arguments.get("class_weights")
    if pair is not None:
        zero, first = (net.number(float(x)) for x in _pair(net, loss, pair))
        right = net.gate("mul", right, first, layer=loss)
        wrong = net.gate("mul", wrong, zero, layer=loss)
    return _mean(net, loss, net.gate("add", right, wrong, layer=loss), name)


def _pair(net: Builder, loss: Item, values: Sequence[float]) -> Sequence[float]:
    if len(values) != 2:
        message = tr("bits have two weights, of 0 and of 1, not {n}", n=len(values))
        raise net.fail(message, loss)
    return values
