"""A whole program, Keras's or PyTorch's: its model traced, its training's settings."""

from __future__ import annotations

import ast
import contextlib
import math
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from gradtutor.errors import TutorError
from gradtutor.gates import ShapeMismatchError
from gradtutor.graph import Span
from gradtutor.language.errors import LimitError, SourceError, SourceShapeError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item, called_name
from gradtutor.language.layers.more import MORE_LAYERS
from gradtutor.language.program.arguments import forward_of, model_arguments
from gradtutor.language.program.choosing import (
    chosen_model,
    chosen_setting,
    input_layer,
    inputs_of,
    stated_shape,
)
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
from gradtutor.language.program.held.freezing import freeze_others
from gradtutor.language.program.held.paths import layer_paths
from gradtutor.language.program.values import (
    Batch,
    Data,
    Function,
    Functional,
    Instance,
    Layer,
    Setting,
    Stack,
    Symbol,
    Tensor,
)
from gradtutor.language.program.walking.calling import call_method
from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.language.syntax import Source
from gradtutor.language.tracing.tracer import PredictionFound, Tracer
from gradtutor.messages import tr

#: Statements that a plain list of layers does not have.
PROGRAM = (
    *(ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.For, ast.While),
    *(ast.With, ast.If, ast.Try, ast.AugAssign),
)
#: Calls that a plain list of layers does not have.
PROGRAM_CALLS = ("fit", "predict", "evaluate", "load", "DataLoader", "append")


def is_program(tree: ast.Module) -> bool:
    """Whether a text is a program rather than a plain list of layers with its loss."""
    if any(isinstance(statement, PROGRAM) for statement in tree.body):
        return True
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    owners = set()
    for call in calls:
        func = call.func
        if isinstance(func, ast.Call):  # Dense(10)(x)
            return True
        name = func.attr if isinstance(func, ast.Attribute) else ""
        if name in PROGRAM_CALLS or called_name(call) in MORE_LAYERS:
            return True
        if name == "add" and isinstance(func, ast.Attribute):
            owners.add(getattr(func.value, "id", ""))
    return len(owners) > 1


@dataclass(frozen=True)
class Program:
    """What was read: the model, and all that its training is told.

    Attributes
    ----------
    shape : tuple of int
        The axes of one example, as the text counts them.
    stated : tuple
        The same as the text has it, None where an axis may have any length.
    net : Builder
        The graph from X to the prediction.
    prediction : Tensor
        What the loss is of.
    """

    run: Interpreter
    model: Any
    shape: tuple[int, ...]
    net: Builder
    tracer: Tracer
    prediction: Tensor
    stated: tuple[Any, ...] | None
    loss: Setting | None
    optimiser: Setting | None
    schedule: Setting | None
    output: Any = None  # all that the model returns


def read_program(
    source: Source,
    features: int | tuple[int, ...] | None = None,
    classes: int | None = None,
    *,
    training: bool = True,
    name: str = "",
) -> Program:
    """Walk through a program, choose its model and trace it.

    Parameters
    ----------
    features : int or tuple of int, optional
        How many numbers an example of the data has, or its sizes.
    classes : int, optional
        How many classes the data have.
    name : str
        The model's name, where the program has several.

    Raises
    ------
    SourceError
        With the place of what cannot be read.
    """
    run = Interpreter(source)
    run.classes = classes
    run.sizes_of = partial(sizes_of, run)
    run.output_sizes = partial(output_sizes, run)
    run.walk()
    run.notes = list(dict.fromkeys(run.notes))
    model = chosen_model(run, name or named_model(source.text))
    example = features if isinstance(features, tuple) else ()
    count = math.prod(example) if isinstance(features, tuple) else features
    _fill_ends(run, model, count, classes)
    freeze_others(run, model, chosen_setting(run, "optimiser"))
    try:
        shape, net, tracer, output = _traced(run, model, count, example, training)
    except RecursionError:
        message = tr("this model calls itself, or nests too deep")
        raise LimitError(message, source.text, (0, 1)) from None
    prediction = prediction_of(run, model, output, shape, tracer)
    settings = (chosen_setting(run, k) for k in ("loss", "optimiser", "schedule"))
    stated = stated_shape(run, model)
    loss, optimiser, schedule = settings
    program = Program(
        *(run, model, shape, net, tracer, prediction, stated),
        loss=loss,
        optimiser=optimiser,
        schedule=schedule,
        output=output,
    )
    net.notes += [note for note in run.notes if note not in net.notes]
    return program


def named_model(text: str) -> str:
    """Return the model's name that a text's last line gives: ``# model: Net``."""
    match = re.search(r"^# model: (\w+)\s*\Z", text, re.MULTILINE)
    return match[1] if match else ""


def _fill_ends(
    run: Interpreter, model: Any, features: int | None, classes: int | None
) -> None:
    """Give scikit-learn's network its ends: its data have them, the text has not."""
    if not isinstance(model, Stack) or not model.name.startswith("MLP"):
        return
    known = stated_shape(run, model)
    if features is None and known and len(known) == 1 and type(known[0]) is int:
        features = known[0]
    regression, classes = model.name == "MLPRegressor", classes or run.found.labels
    width, units = features or 4, 1 if regression or classes == 2 else classes or 3
    if classes == 2 and not regression:  # one output, of the second class
        loss = run.found.compiled["loss"]
        item = Item("bce_with_logits", {}, loss.item.span, loss.item.name)
        run.found.compiled["loss"] = replace(loss, item=item)
    last = model.layers[-1]
    item = Item("linear", {"units": units}, last.item.span, model.name)
    model.layers[-1] = Layer(item, None, last.node)
    first = model.layers[0].item
    given = {**first.arguments, "in_features": width}
    item = Item("linear", given, first.span, first.name)
    model.layers[0] = Layer(item, None, model.layers[0].node)
    if features is None:
        run.notes.append(
            tr(
                "how many features and outputs there are, the data tell: {width} "
                "and {units} are taken here",
                width=width,
                units=units,
            )
        )
    elif not classes and not regression:
        run.notes.append(
            tr("how many classes there are, the data tell: {n} are taken", n=units)
        )


# ---- tracing with the right input ----

Traced = tuple[tuple[int, ...], Builder, Tracer, Any]


def _traced(
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
) -> Traced:
    """Trace a model with the shape that its text gives, of one sequence if need be."""
    try:
        return trace(run, model, shape, training)
    except (SourceShapeError, ShapeMismatchError):
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
            return _graph(run, model, shape, training, None, **way)
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
        return _graph(run, model, shape, training, omitted)
    except TimeFirstError as first:
        try:
            return _graph(run, model, shape, training, omitted, time_first=True)
        except SourceError:
            raise first from None


def _graph(
    run: Interpreter,
    model: Any,
    shape: tuple[int, ...] | None,
    training: bool,
    omitted: int | None,
    *,
    time_first: bool = False,
    alone: bool = False,
) -> Traced:
    net = Builder(run.source, training=training)
    net.library = run.library
    net.notes += run.notes
    net.paths = layer_paths(model)
    tracer = Tracer(run, net, shape)
    tracer.omitted, tracer.inputs.time_first = omitted, time_first
    tracer.inputs.alone = alone
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


def traced_without(program: Program, squash: int, *, training: bool) -> Traced:
    """Trace a program's model once more, without the squash that its loss does."""
    run, model, shape = program.run, program.model, program.shape
    return _graph(run, model, shape, training, squash, **program.tracer.way)


def _output(run: Interpreter, model: Any, tracer: Tracer) -> Any:
    """Return what a model gives; of one without forward, what its loss takes."""
    step = None
    if isinstance(model, Instance) and model.cls and forward_of(model) is None:
        steps = (model.cls.method(name) for name in ("training_step", "train_step"))
        step = next((one for one in steps if isinstance(one, Function)), None)
    if step is None or {"__stack__", "__functional__"} & model.names.keys():
        args, keywords = model_arguments(run, model, tracer.inputs)
        return run.call(model, args, keywords, _node_of(run, model))
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


def _node_of(run: Interpreter, model: Any) -> ast.AST:
    cls = getattr(model, "cls", None)
    return cls.node if cls is not None else run.source.tree.body[0]


# ---- which of the outputs ----


def _compares(run: Interpreter) -> bool:
    """Whether the loss takes two outputs and how alike they are."""
    return any(one.item.kind == "cosine_embedding" for one in run.found.settings)


def _listed(output: Any) -> list[Any]:
    values = output.values() if isinstance(output, dict) else output
    return list(values) if isinstance(output, dict | list | tuple) else []


def prediction_of(
    run: Interpreter, model: Any, output: Any, shape: tuple[int, ...], tracer: Tracer
) -> Tensor:
    """Return the output that the loss takes; of several a reconstruction, the first."""
    pair = [one for one in _listed(output) if isinstance(one, Tensor)][:2]
    if len(pair) == 2 and _compares(run):
        return tracer.similarity(pair[0], pair[1], run.source.tree)
    for step in run.found.outputs.get(id(model), ()):
        if isinstance(output, list | tuple) and step < len(output):
            output = output[step]
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, list | tuple):
        tensors = [one for one in output if isinstance(one, Tensor)]
        same = [one for one in tensors if tracer.sizes(one)[1:] == tuple(shape)]
        found = same or tensors
        output = found[0] if found else None
    if not isinstance(output, Tensor) or tracer.is_input(output):
        reason = getattr(output, "reason", "")
        message = tr("what the model returns is not made of its input by layers")
        raise run.fail(message, _node_of(run, model), reason)
    whole = tracer.joined(output, run.source.tree) if output.steps else output
    return tracer.examples_first(whole)
