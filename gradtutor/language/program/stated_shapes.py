"""A model's input as the text states it, or as the data have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.values import (
    Functional,
    Instance,
    Layer,
    Stack,
    Symbol,
)

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


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
    first, seen = model, set[int]()
    while isinstance(first, Stack | Functional | Instance):
        if id(first) in seen:  # a model that holds itself
            return None
        seen.add(id(first))
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
