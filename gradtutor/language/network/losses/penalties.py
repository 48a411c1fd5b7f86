"""Penalties of weights, L1 and L2, that are added to a loss."""

from __future__ import annotations

import math

from gradtutor.graph import add_gate, inputs
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.messages import tr


def penalise(net: Builder, loss: Item) -> None:
    """Append the penalties of layers: λ Σ w² or λ Σ |w| of each one's weights.

    And what a text adds to its loss.
    """
    total, before = "", net.node
    for strength in sorted({(kind, strength) for kind, strength, _ in net.penalties}):
        kind, factor = strength
        names = [n for k, s, n in net.penalties if (k, s) == strength]
        inside = ""
        for name in names:
            size = _size(net, kind, name, loss)
            inside = net.gate("add", inside, size, layer=loss) if inside else size
        part = net.gate("mul", net.number(factor), inside, layer=loss)
        total = net.gate("add", total, part, layer=loss) if total else part
    for one in net.added:
        total = net.gate("add", total, one, layer=loss) if total else one
    net.node = net.gate("add", before, total, layer=loss, name="loss")


def _size(net: Builder, kind: str, name: str, at: Item) -> str:
    """Append Σ w² or Σ |w| of a parameter."""
    if kind.lower() == "l2":
        each = add_gate(net.graph, "pow", name, net.number(2.0), span=at.span)
    else:
        each = add_gate(net.graph, "abs", name, span=at.span)
    return net.gate("sum", each, layer=at, axis=None, keepdims=False)


def regularise(net: Builder, item: Item) -> None:
    """Append λ Σ w² or λ Σ |w| over the weights, biases left alone."""
    strength = item.arguments.get("strength", 0.01)
    if not net.number_of(strength, item) >= 0 or math.isinf(strength):
        raise net.fail(
            tr("{name} takes a number from 0 on", name=item.name),
            item,
            tr("as in L2(1e-4)"),
        )
    total = ""
    for name in inputs(net.graph, "parameter"):
        if not name.startswith(("W", "U")):
            continue
        size = _size(net, item.kind, name, item)
        total = net.gate("add", total, size, layer=item) if total else size
    if not total:
        raise net.fail(tr("there are no weights to regularise"), item)
    penalty = net.gate(
        "mul", net.number(float(strength)), total, layer=item, name="penalty"
    )
    net.node = net.gate("add", net.node, penalty, layer=item, name="loss")
