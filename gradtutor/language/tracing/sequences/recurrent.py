"""Recurrent layers of programs: PyTorch's and Keras's results, stacked, both ways."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.layers.recurrent import (
    Cut,
    Run,
    between,
    gru,
    lstm,
    rnn,
    step_of,
)
from gradtutor.language.program.array_values import Batch, Data
from gradtutor.language.program.data.probing import TimeFirstError
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.arithmetic import pointwise
from gradtutor.language.tracing.cutting import concatenated
from gradtutor.language.tracing.sequences.cells import is_zeros
from gradtutor.language.tracing.sequences.unrolled import is_written_out, written_out
from gradtutor.messages import tr

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
    if is_written_out(tracer, item, states):
        return _step_by_step(tracer, item, args[0], states, node)
    if starts_elsewhere(item, states):
        return from_a_state(tracer, item, args[0], states, node)
    _check_start(tracer, states, node)
    first = keras or bool(item.arguments.get("batch_first"))
    order = BATCH_FIRST if first else TIME_FIRST
    _note_dropout(tracer, item)
    if item.arguments.get("bidirectional") is True:
        every, last = _both_ways(tracer, item, args[0], order, node)
    else:
        layers = int(item.arguments.get("num_layers", 1))
        made = _run(tracer, item, args[0], order, node, layers)
        every, last = Tensor("", order, made.steps), [made.last]
    if keras:
        wanted = item.arguments.get("return_sequences") is True
        answer = every if wanted else _state(tracer, last[-1], node)
        if item.arguments.get("return_state") is not True:
            return answer
        states = [Data() if item.kind == "lstm" else None]  # the cell's is not here
        return (answer, _state(tracer, last[-1], node), *filter(None, states))
    final = Tensor("", TIME_FIRST, tuple(last))  # (layers, N, units), the last of them
    if item.kind == "lstm":
        return (every, (final, Data()))
    return (every, final)


def _step_by_step(
    tracer: Tracer, item: Item, x: Any, states: Any, node: ast.AST
) -> Any:
    """Append a layer of Keras that is written out; return what Keras returns."""
    _note_dropout(tracer, item)
    flowing = _sequence(tracer, item, x, BATCH_FIRST, node)
    made, last = written_out(tracer, item, flowing, states, node)
    every = Tensor("", BATCH_FIRST, tuple(made))
    final = [Tensor(one, (0, 1)) for one in last]
    answer = every if item.arguments.get("return_sequences") is True else final[0]
    return (answer, *final) if item.arguments.get("return_state") is True else answer


def starts_elsewhere(item: Item, states: Any) -> bool:
    """Whether a layer of PyTorch, one layer one way, starts at a state it is given."""
    listed = states if isinstance(states, list | tuple) else [states]
    alone = int(item.arguments.get("num_layers", 1)) == 1
    one_way = item.arguments.get("bidirectional") is not True
    return alone and one_way and any(isinstance(one, Tensor) for one in listed)


def from_a_state(tracer: Tracer, item: Item, x: Any, states: Any, node: ast.AST) -> Any:
    """Append a layer of PyTorch step by step, from states (1, N, units)."""
    order = BATCH_FIRST if item.arguments.get("batch_first") else TIME_FIRST
    listed = list(states) if isinstance(states, list | tuple) else [states]
    starts = [
        tracer.indexed(one, 0, node) if isinstance(one, Tensor) else one
        for one in listed
    ]
    flowing = _sequence(tracer, item, x, order, node)
    squash = item.arguments.get("nonlinearity", "tanh")
    given = {**item.arguments, "activation": squash}
    whole = Item(item.kind, given, item.span, item.name, item.path)
    made, last = written_out(tracer, whole, flowing, starts, node)
    every = Tensor("", order, tuple(made))
    final = tuple(Tensor("", TIME_FIRST, (one,)) for one in last)
    return (every, final if item.kind == "lstm" else final[0])


def _note_dropout(tracer: Tracer, item: Item) -> None:
    """Say where a recurrent layer's own dropout stands; Keras's is left out."""
    rates = [item.arguments.get(k) for k in ("dropout", "recurrent_dropout")]
    if not any(isinstance(rate, int | float) and rate for rate in rates):
        return
    line = tracer.run.source.text.count("\n", 0, item.span[0]) + 1
    several = int(item.arguments.get("num_layers", 1)) > 1
    if not between(item):
        note = tr(
            "warning: {item}'s own dropout is left out: write Dropout after it",
            item=item.name,
        )
    elif several:
        note = tr(
            "line {line}, {name}: its dropout={rate:g} stands between its layers, as "
            "in PyTorch",
            line=line,
            name=item.name,
            rate=between(item),
        )
    else:
        note = tr(
            "line {line}, {name}: its dropout={rate:g} does nothing with one layer, as "
            "in PyTorch",
            line=line,
            name=item.name,
            rate=between(item),
        )
    tracer.net.notes += [note] * (note not in tracer.net.notes)


def _check_start(tracer: Tracer, states: Any, node: ast.AST) -> None:
    """Accept a first state of zeros, which is what there is without one."""
    for one in states if isinstance(states, list | tuple) else (states,):
        if not is_zeros(one):
            message = tr("a first state other than zeros is not here")
            raise tracer.run.fail(
                message, node, tr("leave it out, or start from zeros")
            )


def _run(
    tracer: Tracer,
    item: Item,
    x: Any,
    order: tuple[int, ...],
    node: ast.AST,
    layers: int = 1,
    *,
    backwards: bool = False,
    both_ways: bool = False,
) -> Run:
    """Append the layer over a sequence; return what its states are cut from."""
    net = tracer.net
    net.node, net.run = _sequence(tracer, item, x, order, node), None
    given = {k: v for k, v in item.arguments.items() if k != "bidirectional"}
    given |= {"num_layers": layers, "backwards": backwards}
    if both_ways:
        given["saved_as"] = f"{item.kind}_both"
    given["two_biases"] = not given.get("keras")
    path = net.path_of(item)
    LAYERS[item.kind](net, Item(item.kind, given, item.span, item.name, path))
    made, net.run = net.run, None
    assert made is not None, "a layer has run"
    return made


def _state(tracer: Tracer, cut: Cut, node: ast.AST) -> Tensor:
    """Return one step's state."""
    return Tensor(step_of(tracer.net, tracer.at(node, "slice"), cut), (0, 1))


def _sequence(
    tracer: Tracer, item: Item, x: Any, order: tuple[int, ...], node: ast.AST
) -> str:
    """Return a sequence as (T, N, features)."""
    use = "steps" if order == BATCH_FIRST else "time_first"
    t = tracer.tensor(x, node, use)
    if len(t.order) != 3 or not isinstance(tracer.sizes(t)[2], int):
        message = tr("{item} takes a sequence (N, steps, features)", item=item.name)
        raise tracer.net.misfit(message, item)
    if isinstance(tracer.sizes(t)[order[0]], Batch):
        message = tr("{name} goes over the examples of a batch", name=item.name)
        raise TimeFirstError(message, tracer.run.source.text, item.span)
    axes = tuple(order.index(i) for i in range(3))
    return tracer.arranged(t, axes, node)


# ---- both ways ----


def _both_ways(
    tracer: Tracer, item: Item, x: Any, order: tuple[int, ...], node: ast.AST
) -> tuple[Tensor, list[Cut]]:
    """Append a stack of layers, each run both ways, its steps joined."""
    value, last = x, list[Cut]()
    layers = int(item.arguments.get("num_layers", 1))
    for place in range(layers):
        there = _run(tracer, item, value, order, node, both_ways=True)
        back = _run(tracer, item, value, order, node, backwards=True, both_ways=True)
        last += [there.last, back.last]
        pair = [Tensor("", order, one.steps) for one in (there, back)]
        value = concatenated(tracer, pair, 2, node)
        if (rate := between(item)) > 0 and place + 1 < layers:
            apart = Layer(Item("dropout", {"rate": rate}, item.span, "Dropout"))
            value = tracer.apply(apart, [value], {}, node)
        rest = {k: v for k, v in item.arguments.items() if k != "in_features"}
        item = Item(item.kind, rest, item.span, item.name, tracer.net.path_of(item))
    return value, last


def bidirectional(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Append Keras's Bidirectional(LSTM(8)): both ways, joined or added."""
    inner, net = layer.inner, tracer.net
    mode = layer.item.arguments.get("merge_mode", "concat")
    if not isinstance(inner, Layer) or inner.item.kind not in LAYERS:
        raise net.fail(tr("Bidirectional takes LSTM, GRU or SimpleRNN"), layer.item)
    item = inner.item
    there = _run(tracer, item, x, BATCH_FIRST, node, both_ways=True)
    back = _run(tracer, item, x, BATCH_FIRST, node, backwards=True, both_ways=True)
    if item.arguments.get("return_sequences") is True:
        pair = [Tensor("", BATCH_FIRST, one.steps) for one in (there, back)]
    else:
        pair = [_state(tracer, one.last, node) for one in (there, back)]
    return _merged(tracer, mode, pair, node)


def _merged(tracer: Tracer, mode: Any, pair: list[Tensor], node: ast.AST) -> Tensor:
    """Join both ways as Keras's merge_mode says."""
    there, back = (tracer.tensor(one, node) for one in pair)
    if mode == "concat":
        return concatenated(tracer, [there, back], len(there.order) - 1, node)
    gate = {"sum": "add", "mul": "mul", "ave": "add"}.get(mode)
    if gate is None:
        raise tracer.run.fail(tr("merge_mode={mode!r} is not here", mode=mode), node)
    made = pointwise(tracer, gate, there, back, node)
    return pointwise(tracer, "div", made, 2, node) if mode == "ave" else made
