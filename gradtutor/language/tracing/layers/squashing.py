"""Activations: softmax and sigmoid are remembered, since a loss may do them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.gates import activate
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.spellings import ACTIVATIONS
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.activations import MADE
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

Apply = Callable[["Tracer", Layer, Any, ast.AST], Any]
#: Kinds that are made of gates on the tensor as it lies.
POINTWISE_KINDS = {spelling.kind for spelling in ACTIVATIONS.values()} | set(MADE)


def activated(tracer: Tracer, item: Item, x: Any, node: ast.AST) -> Tensor:
    """Append an activation; a Softmax over one axis of the text's."""
    t = tracer.tensor(x, node)
    if item.kind in ("softmax", "log_softmax", "sigmoid"):
        return _squashed(tracer, item, t, node)
    net = tracer.net
    kind = item.kind
    if kind == "gelu" and item.arguments.get("approximate") in ("tanh", True):
        kind = "gelu_tanh"
    if kind in MADE:
        return Tensor(MADE[kind](net, item, t.node), t.order)
    net.node = t.node
    activate(net, item)
    return Tensor(net.node, t.order)


def _squashed(tracer: Tracer, item: Item, t: Tensor, node: ast.AST) -> Tensor:
    """Append softmax, log_softmax or sigmoid, and remember it: a loss may do it."""
    tracer.squashes += 1
    if tracer.squashes == tracer.omitted:
        return t
    net, name = tracer.net, tracer.net.fresh("h")
    if item.kind == "sigmoid":
        made = net.gate("sigmoid", t.node, layer=item, name=name)
    else:
        axis = t.order[_class_axis(tracer, item, len(t.order), node)]
        axis = -1 if axis == len(t.order) - 1 else axis
        if item.kind == "softmax":
            made = net.gate("softmax", t.node, layer=item, name=name, axis=axis)
        else:
            total = net.gate("logsumexp", t.node, layer=item, axis=axis, keepdims=True)
            made = net.gate("sub", t.node, total, layer=item, name=name)
    tracer.squashed[made] = (item, t, tracer.squashes)
    return Tensor(made, t.order)


def _class_axis(tracer: Tracer, item: Item, rank: int, node: ast.AST) -> int:
    """Return the axis of a Softmax; over the examples it is a mistake."""
    given = item.arguments.get("dim", item.arguments.get("axis"))
    usual = 1 if not item.arguments.get("keras") and rank != 3 else -1
    axis = usual if given is None else given
    if type(axis) is not int or not -rank <= axis < rank:
        raise tracer.net.fail(
            tr("{item} has no axis {axis!r} here", item=item.name, axis=axis), item
        )
    if axis % rank == 0:
        message = tr("{item} is over the classes, or the channels", item=item.name)
        raise tracer.net.fail(message, item, tr("write dim=1, or leave it out"))
    return axis % rank
