"""Recurrent layers of programs: PyTorch's and Keras's results, stacked, both ways."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.layers.recurrent import cut, gru, lstm, rnn
from gradtutor.language.program.values import Data, Filled, Layer, Tensor
from gradtutor.language.tracing.arithmetic import pointwise
from gradtutor.language.tracing.cutting import concatenated

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

LAYERS = {"rnn": rnn, "lstm": lstm, "gru": gru}
#: The text's count (N, T, features) of steps kept one by one, and PyTorch's (T, N, ·).
BATCH_FIRST, TIME_FIRST = (1, 0, 2), (0, 1, 2)


def recurrent(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Append a recurrent layer; return what the text's library returns."""
    item = layer.item
    keras = bool(item.arguments.get("keras"))
    states = (
        args[1] if len(args) > 1 else keywords.get("hx", keywords.get("initial_state"))
    )
    _check_start(tracer, states, node)
    first = keras or bool(item.arguments.get("batch_first"))
    order = BATCH_FIRST if first else TIME_FIRST
    _note_dropout(tracer, item)
    if item.arguments.get("bidirectional") is True:
        steps, last = _both_ways(tracer, item, args[0], order, node)
    else:
        steps = _run(
            tracer, item, args[0], order, node, int(item.arguments.get("num_layers", 1))
        )
        last = [steps[-1]]
    every = Tensor("", order, tuple(steps))
    if keras:
        wanted = item.arguments.get("return_sequences") is True
        return every if wanted else Tensor(steps[-1], (0, 1))
    final = Tensor("", TIME_FIRST, tuple(last))  # (layers, N, units), the last of them
    if item.kind == "lstm":
        return (every, (final, Data()))
    return (every, final)


def _note_dropout(tracer: Tracer, item: Item) -> None:
    """Say that a recurrent layer's own dropout is left out."""
    rates = [item.arguments.get(k) for k in ("dropout", "recurrent_dropout")]
    if any(isinstance(rate, int | float) and rate for rate in rates):
        note = f"warning: {item.name}'s own dropout is left out: write Dropout after it"
        tracer.net.notes += [note] * (note not in tracer.net.notes)


def _check_start(tracer: Tracer, states: Any, node: ast.AST) -> None:
    """Accept a first state of zeros, which is what there is without one."""
    for one in states if isinstance(states, list | tuple) else (states,):
        zero = one is None or (isinstance(one, Data) and one.zero)
        zero = zero or (isinstance(one, Filled) and one.value == 0 and not one.counted)
        if not zero:
            message = "a first state other than zeros is not here"
            raise tracer.run.fail(message, node, "leave it out, or start from zeros")


def _run(
    tracer: Tracer,
    item: Item,
    x: Any,
    order: tuple[int, ...],
    node: ast.AST,
    layers: int = 1,
    *,
    backwards: bool = False,
) -> list[str]:
    """Append the layer over a sequence's steps; return the state after each."""
    net = tracer.net
    steps = _steps(tracer, item, x, order, node)
    net.steps = steps[::-1] if backwards else steps
    net.node = net.steps[-1]
    given = {k: v for k, v in item.arguments.items() if k != "bidirectional"}
    given["num_layers"] = layers
    given["two_biases"] = not given.get("keras")
    LAYERS[item.kind](net, Item(item.kind, given, item.span, item.name))
    states, net.steps = list(net.steps), []
    return states[::-1] if backwards else states


def _steps(
    tracer: Tracer, item: Item, x: Any, order: tuple[int, ...], node: ast.AST
) -> list[str]:
    """Return a sequence's steps, each (N, features)."""
    if isinstance(x, Tensor) and x.steps and x.order == order:
        return list(x.steps)
    use = "steps" if order == BATCH_FIRST else "time_first"
    t = tracer.tensor(x, node, use)
    if len(t.order) != 3:
        message = f"{item.name} takes a sequence (N, steps, features)"
        raise tracer.net.misfit(message, item)
    axes = tuple(order.index(i) for i in range(3))
    tracer.net.node = tracer.arranged(t, axes, node)
    return cut(tracer.net, item, 1)


# ---- both ways ----


def _both_ways(
    tracer: Tracer, item: Item, x: Any, order: tuple[int, ...], node: ast.AST
) -> tuple[list[str], list[str]]:
    """Append a stack of layers, each run both ways, its steps joined."""
    value, last = x, list[str]()
    for _ in range(int(item.arguments.get("num_layers", 1))):
        there = _run(tracer, item, value, order, node)
        back = _run(tracer, item, value, order, node, backwards=True)
        joined = [_joined(tracer, a, b, node) for a, b in zip(there, back, strict=True)]
        last += [there[-1], back[0]]
        value = Tensor("", order, tuple(joined))
        rest = {k: v for k, v in item.arguments.items() if k != "in_features"}
        item = Item(item.kind, rest, item.span, item.name)
    return list(value.steps), last


def _joined(tracer: Tracer, a: str, b: str, node: ast.AST) -> str:
    pair = [Tensor(a, (0, 1)), Tensor(b, (0, 1))]
    return concatenated(tracer, pair, 1, node).node


def bidirectional(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Append Keras's Bidirectional(LSTM(8)): both ways, joined or added."""
    inner, net = layer.inner, tracer.net
    mode = layer.item.arguments.get("merge_mode", "concat")
    if not isinstance(inner, Layer) or inner.item.kind not in LAYERS:
        raise net.fail("Bidirectional takes LSTM, GRU or SimpleRNN", layer.item)
    item = inner.item
    there = _run(tracer, item, x, BATCH_FIRST, node)
    back = _run(tracer, item, x, BATCH_FIRST, node, backwards=True)
    if item.arguments.get("return_sequences") is True:
        pairs = zip(there, back, strict=True)
        joined = [_merged(tracer, mode, a, b, node) for a, b in pairs]
        return Tensor("", BATCH_FIRST, tuple(joined))
    return Tensor(_merged(tracer, mode, there[-1], back[0], node), (0, 1))


def _merged(tracer: Tracer, mode: Any, a: str, b: str, node: ast.AST) -> str:
    if mode == "concat":
        return _joined(tracer, a, b, node)
    gate = {"sum": "add", "mul": "mul", "ave": "add"}.get(mode)
    if gate is None:
        raise tracer.run.fail(f"merge_mode={mode!r} is not here", node)
    made = pointwise(tracer, gate, Tensor(a, (0, 1)), Tensor(b, (0, 1)), node)
    return pointwise(tracer, "div", made, 2, node).node if mode == "ave" else made.node
