"""A model traced with its input's shape: stated, or found by trying."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from typing import Any

from gradtutor.gates import ShapeMismatchError
from gradtutor.graph import Span
from gradtutor.language.errors import SourceError, SourceShapeError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.program.data.probing import (
    ANY_LENGTH,
    NeedsInputError,
    TimeFirstError,
    alone_of,
    candidates,
    named_steps,
    of_data,
    of_example,
    with_named_steps,
)
from gradtutor.language.program.stated_shapes import input_layer, stated_shape
from gradtutor.language.program.traces import Traced, trace, traced_graph
from gradtutor.language.program.values import (
    Instance,
)
from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.messages import tr


def traced(
    run: Interpreter,
    model: Any,
    features: int | None,
    example: tuple[int, ...],
    training: bool,
) -> Traced:
    """Trace the model with its input's shape: stated, or found by trying."""
    stated = stated_shape(run, model)
    if stated is not None:
        shape, note = of_data(stated, features)
        note = note and _of_layer(run, model, note)
        traced = _as_stated(run, model, shape, training)
    if stated is not None and traced is not None:
        _check_features(run, traced[1], shape, features)
        return _noted(traced, note)
    try:
        return trace(run, model, None, training)
    except NeedsInputError as need:
        item, several = need.item, need.inputs > 1
    first: SourceError | None = None
    tried: set[tuple[int, ...]] = set()
    known = [(sizes, "") for sizes in of_example(item, example)] if example[1:] else []
    net = Builder(run.source, training=training)
    if several and item.kind in ("embedding", "view"):
        known.append(((), ""))
    usual = with_named_steps(candidates(net, item, features), item, _steps(run))
    waiting = [*known, *usual]
    while waiting:
        shape, note = waiting.pop(0)
        try:
            traced = trace(run, model, shape, training)
            if note and not features and traced[2].positions > shape[0]:
                longest = traced[2].positions
                return trace(run, model, (longest, *shape[1:]), training)
            return _noted(traced, note)
        except (SourceShapeError, ShapeMismatchError) as error:
            first = first or (error if isinstance(error, SourceError) else None)
            if isinstance(error, TimeFirstError) and item.kind == "linear":
                waiting[:0] = [] if (ANY_LENGTH,) in tried else [alone_of(ANY_LENGTH)]
                tried.add((ANY_LENGTH,))
                item = replace(item, kind="view")
            if (one := _alone(run, model, item, shape, training)) is not None:
                return _noted(one, note)
            if (wide := _corrected(shape, error)) and wide not in tried:
                tried.add(wide)
                waiting.insert(0, (wide, ""))
    if first is not None:
        raise first
    message = tr("the shape of the input is not in the text")
    hint = tr(
        "call the model on data of its shape, as in model(torch.zeros(1, 3, 32, 32))"
    )
    raise SourceError(message, run.source.text, item.span, hint)


def _as_stated(
    run: Interpreter, model: Any, shape: tuple[int, ...], training: bool
) -> Traced | None:
    """Trace a model with the shape that its text gives, of one sequence if need be.

    None where the text calls it on one row of numbers, which is no batch of them.
    """
    try:
        return trace(run, model, shape, training)
    except (SourceShapeError, ShapeMismatchError):
        if not shape:
            return None
        words = Item("embedding", {}, (0, 1))
        made = _alone(run, model, words, shape, training) if len(shape) == 1 else None
        if made is None:
            raise
        return made


def _steps(run: Interpreter) -> dict[int, str]:
    """Return how many steps a sequence has where the text has a name for it."""
    found = named_steps(run.scope.names)
    for one in run.found.objects:
        found |= named_steps(one.names) if isinstance(one, Instance) else {}
    return found


def _alone(
    run: Interpreter, model: Any, item: Item, shape: tuple[int, ...], training: bool
) -> Traced | None:
    """Trace a model of one sequence at a time, (steps, ...) without a batch."""
    if item.kind not in ("embedding", "view", "rnn", "lstm", "gru") or len(shape) > 2:
        return None
    for alone in (True, False):
        way = {"time_first": True, "alone": alone}
        with contextlib.suppress(SourceError, ShapeMismatchError):
            return traced_graph(run, model, shape, training, None, **way)
    return None


def _of_layer(run: Interpreter, model: Any, note: str) -> str:
    """Say which layer states the input, and in which line."""
    first = input_layer(model)
    if first is None:
        return note
    text = run.source.text
    start, end = first.item.span
    line, shown = text.count("\n", 0, start) + 1, " ".join(text[start:end].split())
    return tr("line {line}, {shown}: {note}", line=line, shown=shown, note=note)


def _corrected(shape: tuple[int, ...], error: Exception) -> tuple[int, ...]:
    """Return rows as wide as the first layer that did not fit wants them."""
    wanted = getattr(error, "widths", None)
    if wanted and len(shape) == 3 and shape[0] == wanted[1]:
        return (wanted[0], *shape[1:])  # channels
    if len(shape) != 1 or wanted is None or shape[0] + wanted[0] - wanted[1] < 1:
        return ()
    return (shape[0] + wanted[0] - wanted[1],)


def _noted(traced: Traced, note: str) -> Traced:
    _, net, _, _ = traced
    net.notes += [note] * bool(note)
    return traced


def _check_features(
    run: Interpreter, net: Builder, shape: tuple[int, ...], features: int | None
) -> None:
    sizes = net.graph.nodes["X"]["shape"] if "X" in net.graph else shape
    count = math.prod(size for size in sizes if isinstance(size, int))
    shape = shape if count == math.prod(shape) else (count,)
    if features not in (None, count):
        message = tr(
            "the network takes {count} inputs {shape}, the data have {features}",
            count=count,
            shape=shape,
            features=features,
        )
        hint = tr(
            "give data with {count} numbers an example, or {features} to the layer "
            "here and to what the file does before it",
            count=count,
            features=features,
        )
        raise SourceShapeError(message, run.source.text, _first_use(net), hint)


def _first_use(net: Builder) -> Span:
    """Return the place of the first layer that takes the input and has weights."""
    weighed = (
        data["span"]
        for name, data in net.graph.nodes(data=True)
        if data.get("role") == "parameter" and data.get("span")
    )
    return next(weighed, (0, 1))
