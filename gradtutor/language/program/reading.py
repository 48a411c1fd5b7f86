"""A whole program, Keras's or PyTorch's: its model traced, its training's settings."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import LimitError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item, called_name
from gradtutor.language.layers.more import MORE_LAYERS
from gradtutor.language.program.choosing import chosen_model
from gradtutor.language.program.choosing_settings import chosen_setting
from gradtutor.language.program.held.freezing import freeze_others
from gradtutor.language.program.outputs import prediction_of
from gradtutor.language.program.stated_shapes import stated_shape
from gradtutor.language.program.traces import (
    Traced,
    output_sizes,
    sizes_of,
    traced_graph,
)
from gradtutor.language.program.trying import traced
from gradtutor.language.program.values import (
    Layer,
    Setting,
    Stack,
    Tensor,
)
from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

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
        if called_name(call) in ("LSTM", "GRU") and _squashes(call):
            return True
        if name == "add" and isinstance(func, ast.Attribute):
            owners.add(getattr(func.value, "id", ""))
    return len(owners) > 1


def _squashes(call: ast.Call) -> bool:
    """Whether a recurrent layer has an activation of its own: it is written out."""
    return any(word.arg == "activation" for word in call.keywords)


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


#: What is read of training besides the model.
SETTINGS = ("loss", "optimiser", "schedule")


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
    _named_batch(run)
    model = chosen_model(run, name or named_model(source.text))
    if id(model) in run.found.compiled_by:
        run.found.compiled, run.frozen = run.found.compiled_by[id(model)]
    example = features if isinstance(features, tuple) else ()
    count = math.prod(example) if isinstance(features, tuple) else features
    _fill_ends(run, model, count, classes)
    freeze_others(run, model, chosen_setting(run, "optimiser", model))
    try:
        shape, net, tracer, output = traced(run, model, count, example, training)
    except RecursionError:
        message = tr("this model calls itself, or nests too deep")
        raise LimitError(message, source.text, (0, 1)) from None
    prediction = prediction_of(run, model, output, shape, tracer)
    settings = (chosen_setting(run, k, model) for k in SETTINGS)
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


def _named_batch(run: Interpreter) -> None:
    """Take ``batch_size = 50`` for the batches' size where nothing else tells it."""
    found = run.found
    if found.batch_size is not None or found.whole or not found.steps:
        return
    named = [*run.scope.names.items()]
    for _, words in list(found.arguments.values()):
        named += words.items()
    for function in found.functions:
        given = found.arguments[id(function)][0]
        words = [one.arg for one in function.node.args.args]
        named += zip(words, given, strict=False)
    sizes = [
        value
        for name, value in named
        if type(value) is int and value > 1 and NAMED_BATCH.fullmatch(name)
    ]
    found.batch_size = sizes[0] if len(set(sizes)) == 1 else None


#: What a program calls the number of examples of a batch.
NAMED_BATCH = re.compile(r"(train_)?(mini_?)?batch_?size|bs", re.IGNORECASE)


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


def traced_without(program: Program, squash: int, *, training: bool) -> Traced:
    """Trace a program's model once more, without the squash that its loss does."""
    run, model, shape = program.run, program.model, program.shape
    return traced_graph(run, model, shape, training, squash, **program.tracer.way)
