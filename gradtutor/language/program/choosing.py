"""Which model of a program is meant, its loss, its optimiser, and its input's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import SourceError, near
from gradtutor.language.program.arguments import forward_of
from gradtutor.language.program.array_values import Data
from gradtutor.language.program.making import made_model
from gradtutor.language.program.values import (
    MODELS,
    Class,
    Function,
    Functional,
    Instance,
    Layer,
    Stack,
    Symbol,
)
from gradtutor.language.program.walking.calling import call_method
from gradtutor.language.program.walking.instances import make_instance
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


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
    used = run.found.outputs.keys() | set(run.found.calls)
    of_stack = isinstance(whole, Stack) and id(part) not in used  # model[2]
    return whole if found or of_stack or _steps_itself(whole) else part


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
    if value is None:
        value = _held(run, name)
    made = [one for one in run.found.objects if one.cls is value and value is not None]
    if isinstance(value, Class) and made:
        return made[-1]
    if isinstance(value, Class):
        return make_instance(run, value, [], {}, value.node)
    if isinstance(value, Function):
        value = run.call(value, [], {}, value.node)
    if isinstance(value, MODELS):
        return value
    names = [run.scope.names, *(one.names for one in run.found.objects)]
    known = [key for each in names for key, one in each.items()
             if isinstance(one, (*MODELS, Class, Function))]  # fmt: skip
    hint = near(name, known) or tr(
        "there is {names}", names=", ".join(known) or tr("none")
    )
    message = tr("there is no model {name!r} in this program", name=name)
    raise SourceError(message, run.source.text, (0, 1), hint)


def _held(run: Interpreter, name: str) -> Any:
    """Return a model that an object has by a name: ``self.generator`` of a GAN."""
    values = (one.names.get(name) for one in reversed(run.found.objects))
    return next((one for one in values if isinstance(one, MODELS)), None)


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


# ---- the input's shape ----
