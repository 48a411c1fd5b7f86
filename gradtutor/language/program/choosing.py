"""Which model of a program is meant, its loss, its optimiser, and its input's shape."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import SourceError, near
from gradtutor.language.program.arguments import forward_of
from gradtutor.language.program.making import made_model
from gradtutor.language.program.models.called_losses import (
    FUNCTIONAL_LOSSES,
    KERAS_FUNCTIONS,
)
from gradtutor.language.program.models.settings import make_setting
from gradtutor.language.program.models.words import from_word
from gradtutor.language.program.values import (
    MODELS,
    Class,
    Data,
    Filled,
    Function,
    Functional,
    Instance,
    Layer,
    Setting,
    Stack,
    Symbol,
)
from gradtutor.language.program.walking.calling import (
    call_method,
    make_instance,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Names that a loss, an optimiser or a schedule has where it is only assigned.
SETTING_NAMES = {
    "loss": ("loss", "criterion", "loss_fn", "loss_function"),
    "optimiser": ("optimizer", "optimiser", "opt"),
    "schedule": ("schedule", "scheduler", "lr_scheduler"),
}


# ---- the model ----


def chosen_model(run: Interpreter, name: str = "") -> Any:
    """Return the model of a name; else the one trained, else the last that is whole.

    Raises
    ------
    SourceError
        When there is none.
    """
    if name:
        return _named(run, name)
    run_lightning(run)
    found = _in_use(run)
    if found is None:
        _close_functional(run)
        found = _whole(run) or made_model(run, _in_use)
    _note_others(run, found)
    return found


def _in_use(run: Interpreter) -> Any:
    """Return the model that is trained, or that is called on data."""
    trained = [one for one in run.found.trained if isinstance(one, MODELS)]
    trained = [_owner(run, one) for one in trained]
    if trained:  # of a generator and a discriminator the one that the loss sees
        judged = [one for one in trained if id(one) in run.found.outputs]
        return (judged or trained)[-1]
    called = [one for one in _candidates(run) if id(one) in run.found.calls]
    return called[-1] if called else None


def _owner(run: Interpreter, part: Any) -> Any:
    """Return the object that a trained layer stands in: of net.head[1], net."""
    held: dict[int, Any] = {}
    for model in run.found.models:
        inside: list[Any] = model.layers if isinstance(model, Stack) else []
        if isinstance(model, Instance):
            inside = list(model.names.values())
        held |= {id(one): model for one in inside if one is not model}
    whole, seen = part, set[int]()
    while isinstance(whole, Layer | Stack) and id(whole) not in seen:
        seen.add(id(whole))
        whole = held.get(id(whole), whole)
    found = isinstance(whole, Instance) and forward_of(whole) is not None
    return whole if found or _steps_itself(whole) else part


def _steps_itself(whole: Any) -> bool:
    """Whether an object says how it is trained, as a Lightning module does."""
    cls = whole.cls if isinstance(whole, Instance) else None
    return cls is not None and cls.method("training_step") is not None


def _candidates(run: Interpreter) -> list[Any]:
    """Return the models that are no part of another one, layers alone left out."""
    whole = [one for one in run.found.models if id(one) not in run.found.parts]
    return [one for one in whole if not isinstance(one, Layer)]


def _whole(run: Interpreter) -> Any:
    """Return the last model that is whole, those with a name first."""
    objects = _candidates(run)
    layers = [one for one in run.found.models if id(one) in run.found.names]
    named = [one for one in objects if id(one) in run.found.names]
    for found in (named, objects, layers):
        if found:
            return found[-1]
    return None


def run_lightning(run: Interpreter) -> None:
    """Walk through a LightningModule's training step and its optimiser, once each."""
    for model in [one for one in run.found.models if isinstance(one, Instance)]:
        parts = ("configure_optimizers", "training_step")
        if model.cls is None or any(model.cls.method(one) is None for one in parts):
            continue
        given = model.names.get("__loader__")
        batch = given if given is not None else (Data(), Data())
        call_method(run, model, "configure_optimizers", [], {}, model.cls.node)
        loss = call_method(run, model, "training_step", [batch, 0], {}, model.cls.node)
        if isinstance(loss, dict):
            loss = loss.get("loss")
        if loss is not None and run.found.losses_used:
            run.train_step(loss)
        run.found.trained.append(model)


def _close_functional(run: Interpreter) -> None:
    """Make a model of Keras tensors that no Model(inputs, outputs) was made of."""
    values = list(run.scope.names.values())
    symbols = [one for one in values if isinstance(one, Symbol)]
    if symbols and not any(isinstance(one, Functional) for one in run.found.models):
        inputs = [one for one in values if isinstance(one, Layer)]
        inputs = [one for one in inputs if one.item.kind == "input"]
        run.found.models.append(Functional(inputs, symbols[-1], (0, 1)))


def _named(run: Interpreter, name: str) -> Any:
    value = run.scope.find(name)
    if isinstance(value, Class):
        return make_instance(run, value, [], {}, value.node)
    if isinstance(value, Function):
        value = run.call(value, [], {}, value.node)
    if isinstance(value, MODELS):
        return value
    known = [key for key, one in run.scope.names.items()
             if isinstance(one, (*MODELS, Class, Function))]  # fmt: skip
    hint = near(name, known) or tr(
        "there is {names}", names=", ".join(known) or tr("none")
    )
    message = tr("there is no model {name!r} in this program", name=name)
    raise SourceError(message, run.source.text, (0, 1), hint)


def _note_others(run: Interpreter, model: Any) -> None:
    """Say which other models the program has, and how one is chosen."""
    names = [
        run.found.names[id(one)]
        for one in run.found.models
        if one is not model
        and id(one) in run.found.names
        and id(one) not in run.found.parts
        and not isinstance(one, Layer)
        and run.found.names[id(one)] != run.found.names.get(id(model))
    ]
    if names:
        ours = run.found.names.get(id(model), tr("the one trained"))
        some = ", ".join(dict.fromkeys(names))
        run.notes.append(
            tr(
                "the program has several models: this is {ours}; take another as "
                "FILE:NAME ({some})",
                ours=ours,
                some=some,
            )
        )


# ---- loss, optimiser, schedule ----


def chosen_setting(run: Interpreter, kind: str) -> Setting | None:
    """Return the loss, the optimiser or the schedule that training uses."""
    if kind in run.found.compiled:
        return run.found.compiled[kind]
    if kind == "loss" and run.found.losses_used:
        first = run.found.losses_used[0]
        if run.found.changed_loss:
            run.notes.append(
                tr("warning: the text minimises more than {name} of one output: only "
                   "that is read", name=first.item.name)
            )  # fmt: skip
        return first
    for name in SETTING_NAMES[kind]:
        value = run.scope.find(name)
        if isinstance(value, str) and (setting := _worded(run, kind, value, name)):
            return setting
    given = [one for one in run.found.settings if one.kind == kind]
    if not given and kind == "loss":
        return _loss_in_text(run)
    return given[-1] if given else None


def _worded(run: Interpreter, kind: str, value: str, name: str) -> Setting | None:
    """Read ``loss = "mse"``, at the place of the word."""
    for node in ast.walk(run.source.tree):
        match node:
            case ast.Assign(targets=[ast.Name(one)], value=ast.Constant() as word):
                if one == name and word.value == value:
                    return from_word(run, kind, value, word)
    return None


def _loss_in_text(run: Interpreter) -> Setting | None:
    """Return a loss that is called somewhere the walk does not come by."""
    for node in ast.walk(run.source.tree):
        func = node.func if isinstance(node, ast.Call) else None
        name = getattr(func, "attr", getattr(func, "id", ""))
        if name in KERAS_FUNCTIONS and run.library == "keras" and func is not None:
            word, facts = KERAS_FUNCTIONS[name]
            words = {one.arg: one.value for one in getattr(node, "keywords", [])}
            logits = getattr(words.get("from_logits"), "value", None)
            given = {"from_logits": True} if logits is True else facts
            made = make_setting(run, word, [], given, node)
            return Setting(made.kind, made.item, name)
        if name in FUNCTIONAL_LOSSES and len(getattr(node, "args", [])) >= 2:
            if _is_added_to(run.source.tree, node):
                run.notes.append(
                    tr(
                        "the loss is {name}, as it stands in the text: what is added "
                        "to it there is not read",
                        name=name,
                    )
                )
            return make_setting(run, name, [], {}, node)
    return None


def _is_added_to(tree: ast.AST, call: ast.AST) -> bool:
    """Whether a sum has a loss's call, or the name that is given to it, as a part."""
    names = {
        getattr(target, "id", "")
        for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and one.value is call
        for target in one.targets
    } - {""}
    parts: list[ast.AST] = []
    for one in ast.walk(tree):
        match one:
            case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult(), right):
                parts += [left, right]
            case ast.AugAssign(target, ast.Add() | ast.Sub() | ast.Mult()):
                parts.append(target)
    return any(one is call or getattr(one, "id", None) in names for one in parts)


# ---- the input's shape ----


def inputs_of(symbol: Symbol) -> list[Layer]:
    """Return the Input layers that a Keras tensor is made of."""
    found: dict[int, Layer] = {}
    seen: set[int] = set()
    waiting: list[Any] = [symbol]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, Symbol) and id(one) not in seen:
            seen.add(id(one))
            waiting += [*one.args, *one.keywords.values()]
        elif isinstance(one, Layer) and one.item.kind == "input":
            found[id(one)] = one
    return list(found.values())


def stated_shape(run: Interpreter, model: Any) -> tuple[Any, ...] | None:
    """Return the axes of one example where the text has them; None inside is any."""
    found = _of_input(model)
    if found is not None:
        return found
    for example in reversed(run.found.examples.get(id(model), [])):
        shape = example.shape if isinstance(example, Data | Filled) else None
        column = shape is not None and len(shape) == 1 and type(shape[0]) is int
        if column:  # numbers one by one, or one row of whole numbers
            return tuple(shape or ()) if getattr(example, "count", False) else ()
        if shape is not None and len(shape) == 2 and shape == (1, 1):
            continue  # the first token of a text that is to be written
        if shape is not None and len(shape) > 1 and shape[1:] != (None,):
            return tuple(size if type(size) is int else None for size in shape[1:])
    return None


def _first_stated(stack: Stack) -> Any:
    """Return the first layer; of those that prepare data, the one after that states."""
    for layer in stack.layers:
        item = layer.item if isinstance(layer, Layer) else None
        if item is None or item.kind not in PREPARING or item.arguments.get("shape"):
            return layer
    return stack.layers[0] if stack.layers else None


#: Layers that change no sizes and stand before the network.
PREPARING = ("data_scale", "data_step", "rescale")


def input_layer(model: Any) -> Layer | None:
    """Return a Keras model's first layer, which may state the input's shape."""
    first = model
    while isinstance(first, Stack | Functional | Instance):
        if isinstance(first, Stack):
            first = _first_stated(first)
        elif isinstance(first, Functional):
            inputs = first.inputs
            inputs = list(inputs.values()) if isinstance(inputs, dict) else inputs
            first = inputs[0] if isinstance(inputs, list | tuple) else inputs
        else:
            first = first.names.get("__stack__", first.names.get("__functional__"))
    return first if isinstance(first, Layer) else None


def _of_input(model: Any) -> tuple[Any, ...] | None:
    """Return the shape that a Keras model's first layer states."""
    first = input_layer(model)
    if first is None:
        return None
    given = first.item.arguments.get("shape")
    if given is None and isinstance(first.inner, Layer):
        given = first.inner.item.arguments.get("shape")
    if given is None:
        return None
    shape = given if isinstance(given, tuple) else (given,)
    return shape if first.item.kind != "embedding" else None
