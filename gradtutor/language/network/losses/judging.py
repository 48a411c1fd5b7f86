"""Losses that a program calls inside a loss of its own, as gates."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.network.losses.composed import COMPOSED, smoothed
from gradtutor.language.network.losses.loss import LABELLED
from gradtutor.language.network.losses.weighting import is_weighted, weighted
from gradtutor.language.program.array_values import Filled
from gradtutor.language.program.values import Tensor
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: What a squash and a loss of its result are together, from what was squashed.
STABLE = {
    ("softmax", "nll_loss"): "cross_entropy",
    ("log_softmax", "log_likelihood"): "cross_entropy",
    ("sigmoid", "binary_cross_entropy"): "bce_with_logits",
}


class Judge:
    """Appends losses of a tensor and its target while a loss is traced."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer

    def __call__(self, item: Item, args: Sequence[Any], node: ast.AST) -> Any:
        """Append a loss: its mean, its sum, or each number's with reduction="none"."""
        tracer, net = self.tracer, self.tracer.net
        if len(args) < 2:
            how = "sum" if item.arguments.get("sum") else "mean"
            return tracer.function(how, [args[0]], {}, node)
        kind, z = self._kind(item, tracer.tensor(args[0], node))
        y = self._target(z, args[1], node)
        if item.arguments.get("each"):
            return self._each(item, kind, z, y, node)
        if item.arguments.get("rows") and kind in EACH:
            each = self._each(item, kind, z, y, node)
            last = [each, -1] if len(each.order) > 1 else None
            return tracer.function("mean", last, {}, node) if last else each
        rows, target = tracer.natural(z, node), tracer.natural(y, node)
        if is_weighted(item):
            made = weighted(net, _as(item, kind), rows, target, "")
        elif item.arguments.get("smoothing") and kind == "cross_entropy":
            made = smoothed(net, item, rows, target, "")
        else:
            made = loss_gate(net, item, kind, rows, target)
        return Tensor(summed(net, item, kind, made, rows), ())

    def _target(self, z: Tensor, value: Any, node: ast.AST) -> Tensor:
        """Return a target; of one number everywhere, as many as there are outputs."""
        if not isinstance(value, Filled) or value.lower or value.counted:
            return self.tracer.tensor(value, node)
        nothing = self.tracer.binary(ast.Mult(), z, 0.0, node)
        made: Tensor = self.tracer.binary(ast.Add(), nothing, value.value, node)
        return made

    def _kind(self, item: Item, z: Tensor) -> tuple[str, Tensor]:
        """Return the loss's gate, and what it takes: logits where they are known."""
        kind, logits = item.kind, item.arguments.get("from_logits")
        if item.arguments.get("keras") and kind == "cross_entropy" and not logits:
            kind = "nll_loss"  # of probabilities
        if kind == "binary_cross_entropy" and logits:
            kind = "bce_with_logits"
        found = self.tracer.squashed.get(z.node)
        stable = STABLE.get((found[0].kind, kind)) if found else None
        return (stable, found[1]) if stable and found else (kind, z)

    def _each(
        self, item: Item, kind: str, z: Tensor, y: Tensor, node: ast.AST
    ) -> Tensor:
        """Append a loss of every number by itself."""
        maker = EACH.get(kind)
        if maker is None:
            message = tr("{name} with reduction='none' is not here", name=item.name)
            raise self.tracer.run.fail(message, node)
        return maker(self.tracer, z, y, node)


def _as(item: Item, kind: str) -> Item:
    return Item(kind, item.arguments, item.span, item.name)


def loss_gate(net: Any, item: Item, kind: str, z: str, y: str) -> str:
    """Append a loss's gate, or those that it is made of."""
    if kind == "log_likelihood":  # -log(exp z) at the label is -z there
        return str(net.gate("nll_loss", net.gate("exp", z, layer=item), y, layer=item))
    if kind in COMPOSED:
        return COMPOSED[kind](net, item, z, y, "")
    return str(net.gate(kind, z, y, layer=item))


def summed(net: Any, item: Item, kind: str, mean: str, z: str) -> str:
    """Append the sum where a loss is one: the mean times how many."""
    if not item.arguments.get("sum"):
        return mean
    axis = 0 if kind in LABELLED else None
    count = net.gate("size", z, layer=item, axis=axis)
    return str(net.gate("mul", mean, count, layer=item))


# ---- of every number by itself ----


def _square(tracer: Tracer, z: Tensor, y: Tensor, node: ast.AST) -> Tensor:
    away = tracer.binary(ast.Sub(), z, y, node)
    made: Tensor = tracer.binary(ast.Pow(), away, 2.0, node)
    return made


def _size(tracer: Tracer, z: Tensor, y: Tensor, node: ast.AST) -> Tensor:
    away = tracer.binary(ast.Sub(), z, y, node)
    made: Tensor = tracer.function("abs", [away], {}, node)
    return made


def _bits_of_logits(tracer: Tracer, z: Tensor, y: Tensor, node: ast.AST) -> Tensor:
    """Append softplus(z) - y z."""
    soft = tracer.function("softplus", [z], {}, node)
    product = tracer.binary(ast.Mult(), y, z, node)
    made: Tensor = tracer.binary(ast.Sub(), soft, product, node)
    return made


def _bits(tracer: Tracer, z: Tensor, y: Tensor, node: ast.AST) -> Tensor:
    """Append -(y log p + (1 - y) log(1 - p))."""
    yes = tracer.binary(ast.Mult(), y, tracer.function("log", [z], {}, node), node)
    rest = tracer.function("log", [tracer.binary(ast.Sub(), 1.0, z, node)], {}, node)
    other = tracer.binary(ast.Sub(), 1.0, y, node)
    no = tracer.binary(ast.Mult(), other, rest, node)
    total = tracer.binary(ast.Add(), yes, no, node)
    made: Tensor = tracer.negated(total, ast.USub(), node)
    return made


def _of_labels(tracer: Tracer, z: Tensor, y: Tensor, node: ast.AST) -> Tensor:
    """Append logsumexp(z) - z[y], a number for each example."""
    net, at = tracer.net, tracer.at(node, "cross_entropy")
    rows, labels = (tracer.natural(one, node) for one in (z, y))
    hot = net.gate("one_hot", labels, rows, layer=at)
    chosen = net.gate("mul", hot, rows, layer=at)
    picked = net.gate("sum", chosen, layer=at, axis=(1,), keepdims=False)
    total = net.gate("logsumexp", rows, layer=at, axis=1, keepdims=False)
    return Tensor(net.gate("sub", total, picked, layer=at), (0,))


EACH: dict[str, Callable[..., Tensor]] = {
    "mse_loss": _square,
    "l1_loss": _size,
    "bce_with_logits": _bits_of_logits,
    "binary_cross_entropy": _bits,
    "cross_entropy": _of_labels,
}
