"""A model traced: its graph from X to what it returns."""

from __future__ import annotations

import ast
from typing import Any

from gradtutor.errors import TutorError
from gradtutor.language.errors import SourceError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.program.arguments import forward_of, model_arguments
from gradtutor.language.program.array_values import Batch, Data
from gradtutor.language.program.data.probing import (
    NeedsInputError,
    TimeFirstError,
    of_data,
)
from gradtutor.language.program.held.paths import layer_paths
from gradtutor.language.program.stated_shapes import inputs_of, stated_shape
from gradtutor.language.program.values import Function, Functional, Instance, Symbol
from gradtutor.language.program.walking.calling import call_method
from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.language.tracing.tracer import PredictionFound, Tracer

Traced = tuple[tuple[int, ...], Builder, Tracer, Any]


def trace(
    run: Interpreter,
    model: Any,
    shape: tuple[int, ...] | None,
    training: bool,
    omitted: int | None = None,
) -> Traced:
    """Make the graph from X to what the model returns.

    Where the steps of a sequence stand before its examples, the first try tells so.
    """
    try:
        return traced_graph(run, model, shape, training, omitted)
    except TimeFirstError as first:
        try:
            return traced_graph(run, model, shape, training, omitted, time_first=True)
        except SourceError:
            raise first from None


def traced_graph(
    run: Interpreter,
    model: Any,
    shape: tuple[int, ...] | None,
    training: bool,
    omitted: int | None,
    *,
    time_first: bool = False,
    alone: bool = False,
) -> Traced:
    """Trace once, with the steps before the examples or one sequence alone if so."""
    net = Builder(run.source, training=training)
    net.library = run.library
    net.notes += run.notes
    net.paths = layer_paths(model)
    tracer = Tracer(run, net, shape)
    tracer.omitted, tracer.inputs.time_first = omitted, time_first
    tracer.inputs.alone = alone
    tracer.mapped = isinstance(model, Instance) and _is_mapped(model)
    tracer.way = {"time_first": time_first, "alone": alone}
    before, run.tracer = run.tracer, tracer
    try:
        output = _output(run, model, tracer)
    except PredictionFound as found:
        output = found.tensor
    finally:
        run.tracer = before
    tracer.inputs.join()
    return tracer.input_shape or (), net, tracer, output


def _is_mapped(model: Instance) -> bool:
    """Whether a model is of one example: a function under vmap, a module of Equinox."""
    bases = model.cls.libraries() if model.cls else ()
    return "__mapped__" in model.names or any(one.root == "equinox" for one in bases)


def _output(run: Interpreter, model: Any, tracer: Tracer) -> Any:
    """Return what a model gives; of one without forward, what its loss takes."""
    step = None
    if isinstance(model, Instance) and model.cls and forward_of(model) is None:
        steps = (model.cls.method(name) for name in ("training_step", "train_step"))
        step = next((one for one in steps if isinstance(one, Function)), None)
    if step is None or {"__stack__", "__functional__"} & model.names.keys():
        args, keywords = model_arguments(run, model, tracer.inputs)
        return run.call(model, args, keywords, node_of(run, model))
    tracer.until_loss = True
    batch: Any = (tracer.inputs.stand_in(0), Data(count=True))
    if step.name == "train_step":
        batch = tracer.inputs.stand_in(0)
    return call_method(run, model, step.name, [batch, 0], {}, step.node)


def output_sizes(run: Interpreter, part: Any, shape: tuple[Any, ...]) -> Any:
    """Work out the axes of what a part of a model gives for a batch, or None.

    A constructor asks with zeros how wide its last layer must be.
    """
    if not all(type(size) is int for size in shape) or len(shape) < 2:
        return None
    try:
        _, _, tracer, output = trace(run, part, shape[1:], training=True)
        sizes = tracer.sizes(output)
    except (TutorError, NeedsInputError):
        return None
    known = [shape[0] * one.times if isinstance(one, Batch) else one for one in sizes]
    return tuple(known)


def sizes_of(run: Interpreter, symbol: Symbol) -> tuple[Any, ...]:
    """Return a Keras tensor's axes, None for the batch's."""
    inputs = inputs_of(symbol)
    model = Functional(inputs, symbol)
    shape, _ = of_data(stated_shape(run, model) or (1,), None)
    _, _, tracer, output = trace(run, model, shape, training=True)
    sizes = tracer.sizes(output)
    return tuple(None if isinstance(size, Batch) else size for size in sizes)


def node_of(run: Interpreter, model: Any) -> ast.AST:
    """Return where the text defines a model."""
    cls = getattr(model, "cls", None)
    return cls.node if cls is not None else run.source.tree.body[0]
