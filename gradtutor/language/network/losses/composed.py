"""Losses made of simpler gates, each the mean over all numbers unless it says so."""

from __future__ import annotations

from collections.abc import Callable, Collection

from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.messages import tr

Make = Callable[[Builder, Item, str, str, str], str]


def _mean(net: Builder, loss: Item, each: str, name: str) -> str:
    return net.gate(
        "mean", each, layer=loss, name=name or None, axis=None, keepdims=False
    )


def _l1(net: Builder, loss: Item, z: str, t: str, name: str) -> str:
    """Append mean |z - t|."""
    away = net.gate("sub", z, t, layer=loss)
    return _mean(net, loss, net.gate("abs", away, layer=loss), name)


def _huber(net: Builder, loss: Item, z: str, t: str, name: str) -> str:
    """Append the mean of r²/2 where |r| < δ, else δ (|r| - δ/2) (Huber 1964).

    PyTorch's SmoothL1Loss is the same divided by δ, its beta.
    """
    delta = net.number_of(loss.arguments.get("delta", 1.0), loss)
    if delta <= 0:
        raise net.fail(tr("{name} takes a number above 0", name=loss.name), loss)
    away = net.gate("sub", z, t, layer=loss)
    size = net.gate("abs", away, layer=loss)
    square = net.gate("pow", away, net.number(2.0), layer=loss)
    near = net.gate("mul", square, net.number(0.5), layer=loss)
    less = net.gate("sub", size, net.number(delta / 2), layer=loss)
    far = net.gate("mul", less, net.number(delta), layer=loss)
    inside = net.gate("less", size, net.number(delta), layer=loss)
    each = net.gate("where", inside, near, far, layer=loss)
    if loss.name.lower().startswith("smooth") and delta != 1:
        each = net.gate("div", each, net.number(delta), layer=loss)
    return _mean(net, loss, each, name)


def _log_cosh(net: Builder, loss: Item, z: str, t: str, name: str) -> str:
    """Append the mean of log cosh(r) = r + softplus(-2 r) - log 2, for any r."""
    away = net.gate("sub", z, t, layer=loss)
    twice = net.gate("mul", away, net.number(-2.0), layer=loss)
    soft = net.gate("softplus", twice, layer=loss)
    total = net.gate("add", away, soft, layer=loss)
    each = net.gate("sub", total, net.number(0.6931471805599453), layer=loss)
    return _mean(net, loss, each, name)


def _kl_div(net: Builder, loss: Item, z: str, t: str, name: str) -> str:
    """Append the mean of t (log t - z), z being logarithms: PyTorch's KLDivLoss.

    With reduction="batchmean" the mean over the examples of each one's sum; with
    log_target=True t are logarithms as well.
    """
    if loss.arguments.get("log_target"):
        shares, logs = net.gate("exp", t, layer=loss), t
    else:
        shares, logs = t, _log_of_share(net, loss, t)
    gap = net.gate("sub", logs, z, layer=loss)
    each = net.gate("mul", shares, gap, layer=loss)
    if loss.arguments.get("rows"):
        sizes = net.graph.nodes[each]["shape"]
        axes = tuple(axis for axis, size in enumerate(sizes) if size != "N")
        each = net.gate("sum", each, layer=loss, axis=axes, keepdims=False)
    return _mean(net, loss, each, name)


#: A share of 0 counts nothing: 0 log 0 is 0, as PyTorch has it.
SMALLEST = 1e-30


def _log_of_share(net: Builder, loss: Item, t: str) -> str:
    above = net.gate("max", t, net.number(SMALLEST), layer=loss)
    return net.gate("log", above, layer=loss)


def _kl_divergence(net: Builder, loss: Item, z: str, t: str, name: str) -> str:
    """Append Σ t (log t - log z) over the classes, its mean over the rows: Keras's."""
    logs = [_log_of_share(net, loss, t), net.gate("log", z, layer=loss)]
    each = net.gate("mul", t, net.gate("sub", *logs, layer=loss), layer=loss)
    rows = net.gate("sum", each, layer=loss, axis=(-1,), keepdims=False)
    return _mean(net, loss, rows, name)


def smoothed(net: Builder, loss: Item, z: str, y: str, name: str) -> str:
    """Append cross-entropy with smoothed labels (Szegedy et al. 2016).

    (1 - ε) (logsumexp(z) - z_y) + ε (logsumexp(z) - mean(z)), averaged over the rows.
    """
    part = net.fraction(loss.arguments["smoothing"], loss)
    sharp = net.gate("cross_entropy", z, y, layer=loss)
    total = net.gate("logsumexp", z, layer=loss, axis=-1, keepdims=False)
    mean = net.gate("mean", z, layer=loss, axis=-1, keepdims=False)
    even = _mean(net, loss, net.gate("sub", total, mean, layer=loss), "")
    first = net.gate("mul", sharp, net.number(1 - part), layer=loss)
    second = net.gate("mul", even, net.number(part), layer=loss)
    return net.gate("add", first, second, layer=loss, name=name)


def summed(net: Builder, loss: Item, prediction: str, labelled: Collection[str]) -> str:
    """Append the sum over the batch, as reduction="sum" is: the mean times how many."""
    axis = 0 if loss.kind in labelled else None
    count = net.gate("size", prediction, layer=loss, axis=axis)
    return net.gate("mul", net.node, count, layer=loss, name="summed_loss")


def _cosine_embedding(net: Builder, loss: Item, z: str, t: str, name: str) -> str:
    """Append 1 - c for pairs alike (t > 0), max(0, c - margin) for others, c = cos."""
    margin = net.number(net.number_of(loss.arguments.get("margin", 0.0), loss))
    zero, one = net.number(0.0), net.number(1.0)
    alike = net.gate("sub", one, z, layer=loss)
    apart = net.gate("max", net.gate("sub", z, margin, layer=loss), zero, layer=loss)
    same = net.gate("greater", t, zero, layer=loss)
    each = net.gate("where", same, alike, apart, layer=loss)
    return _mean(net, loss, each, name)


COMPOSED: dict[str, Make] = {
    "cosine_embedding": _cosine_embedding,
    "l1_loss": _l1,
    "huber": _huber,
    "log_cosh": _log_cosh,
    "kl_div": _kl_div,
    "kl_divergence": _kl_divergence,
}
