"""What a model is called with when it is traced: its inputs, and what else it takes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.data.containers import as_size
from gradtutor.language.program.values import (
    Function,
    Functional,
    Instance,
    Layer,
    Stack,
    Unknown,
)

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter
    from gradtutor.language.tracing.inputs import Inputs

#: Arguments of a forward that are no inputs, by name, and what they are then.
USUAL: dict[str, Any] = {
    "training": True, "train": True, "mask": None, "attn_mask": None, "src_mask": None,
    "targets": None, "target": None, "labels": None, "y": None, "verbose": False,
    "src_key_padding_mask": None, "attention_mask": None, "lengths": None,
}  # fmt: skip
#: First states of recurrent networks.
STATES = ("hidden", "state", "states", "h", "h0", "hx", "hidden_state", "prev_state",
          "h_0", "init_state", "carry")  # fmt: skip
#: How long each sequence of a batch is.
LENGTHS = re.compile(r"(\w*_)?(len|lens|length|lengths|seq_lens)")
METHODS = ("forward", "call", "__call__")


def model_arguments(
    run: Interpreter, model: Any, inputs: Inputs
) -> tuple[list[Any], dict[str, Any]]:
    """Return what to call a model with: stand-ins of its inputs, settings as usual."""
    if isinstance(model, Functional):
        return _functional(model, inputs), {}
    function = forward_of(model)
    if function is None:
        return [inputs.stand_in(0)], {}
    called, words = run.found.calls.get(id(model), ((), {}))
    names, needed = _parameters(function)
    inputs.names[0] = names[0] if names else "X"
    if not names or isinstance(_at(called, words, names, 0), list | tuple):
        return _of_a_list(_at(called, words, names, 0), inputs), {}
    args: dict[str, Any] = {names[0]: inputs.stand_in(0)}
    for i, name in enumerate(names[1:], start=1):
        given = _at(called, words, names, i)
        if name in USUAL and _learns_otherwise(function, name):
            args[name] = Data(count=True)
        elif name in needed or given is not ...:
            args[name] = (
                Data(zero=True)
                if name in STATES and _recurs(model)
                else _further(name, given, inputs, needed=name in needed)
            )
    return [], args


def forward_of(model: Any) -> Function | None:
    """Return the function of the text that a model computes by."""
    if isinstance(model, Function):
        return model
    cls = model.cls if isinstance(model, Instance) else None
    found = (cls.method(name) for name in METHODS) if cls is not None else ()
    return next((one for one in found if isinstance(one, Function)), None)


def _parameters(function: Function) -> tuple[list[str], set[str]]:
    """Return the names of a forward's arguments, and which have no default."""
    spec = function.node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    needed = names[: len(names) - len(spec.defaults)]
    own = 1 if function.owner is not None else 0
    return names[own:], set(needed[own:])


def _learns_otherwise(function: Function, name: str) -> bool:
    """Whether a forward applies other layers where it is given the targets.

    A language model reads every place then, and the last one alone without them.
    """
    for node in ast.walk(function.node):
        match node:
            case ast.If(
                test=ast.Compare(
                    ast.Name(word), [ast.Is() | ast.IsNot()], [ast.Constant(None)]
                )
            ) if word == name:
                if _applies(node.body) and _applies(node.orelse):
                    return True
    return False


def _applies(body: list[ast.stmt]) -> bool:
    """Whether statements call a layer of the model's own: self.head(x)."""
    for node in (one for statement in body for one in ast.walk(statement)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("self"))):
                return True
    return False


def _recurs(model: Any) -> bool:
    """Whether a model has a recurrent layer, whose first state is zeros."""
    waiting, seen = [model], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Layer) and one.item.kind in ("rnn", "lstm", "gru"):
            return True
        if isinstance(one, Instance):
            waiting += one.names.values()
        if isinstance(one, Stack):
            waiting += one.layers
    return False


def _at(called: Any, words: Mapping[str, Any], names: list[str], place: int) -> Any:
    """Return what the text calls a model with at one place; ... for nothing."""
    if place < len(called):
        return called[place]
    return words.get(names[place], ...) if place < len(names) else ...


def _further(name: str, given: Any, inputs: Inputs, *, needed: bool) -> Any:
    """Return an argument besides the first: a setting, a first state, another input."""
    if given is None or isinstance(given, bool | int | float | str):
        return given
    if LENGTHS.fullmatch(name):
        return None
    if name in USUAL and not (needed and given is ... and name == "target"):
        return USUAL[name]
    state = isinstance(given, Data) and given.zero
    if isinstance(given, tuple | list) or (state and not _width(given)):
        return Data(zero=True)
    if not needed and isinstance(given, Unknown):
        return None
    return inputs.add(_width(given), name)


def _width(given: Any) -> tuple[int, ...] | None:
    """Return the axes of one example of what a model is called with."""
    shape = given.shape if isinstance(given, Data | Filled) else None
    if not shape or not all(type(as_size(one)) is int for one in shape[1:]):
        return None
    return tuple(int(one) for one in shape[1:] if type(one) is int)


def _of_a_list(given: Any, inputs: Inputs) -> list[Any]:
    """Return the inputs of a model that takes them as one list."""
    parts = given if isinstance(given, list | tuple) else []
    if len(parts) < 2:
        return [inputs.stand_in(0)]
    rest = [inputs.add(_width(one), f"x{i}") for i, one in enumerate(parts[1:], 2)]
    inputs.shapes[0] = inputs.shapes[0] or _width(parts[0])
    return [[inputs.stand_in(0), *rest]]


def _functional(model: Functional, inputs: Inputs) -> list[Any]:
    """Return the stand-ins of a Keras model's inputs."""
    given = model.inputs
    named = given.values() if isinstance(given, dict) else given
    layers = list(named) if not isinstance(named, Layer) else [named]
    if len(layers) < 2:
        return [inputs.stand_in(0)]
    names = [_name(one, i) for i, one in enumerate(layers, start=1)]
    inputs.names[0] = names[0]
    rest = [
        inputs.add(stated(one), name)
        for one, name in zip(layers[1:], names[1:], strict=True)
    ]
    return [[inputs.stand_in(0), *rest]]


def _name(layer: Any, number: int) -> str:
    call = layer.node if isinstance(layer, Layer) else None
    words = call.keywords if isinstance(call, ast.Call) else []
    for one in words:
        if one.arg == "name" and isinstance(one.value, ast.Constant):
            return str(one.value.value)
    return f"x{number}"


def stated(layer: Any) -> tuple[int, ...] | None:
    """Return the axes that an Input states, any length taken as a number."""
    from gradtutor.language.program.data.probing import of_data

    given = layer.item.arguments.get("shape") if isinstance(layer, Layer) else None
    if given is None:
        return None
    shape = given if isinstance(given, tuple) else (given,)
    return of_data(shape, None)[0]
