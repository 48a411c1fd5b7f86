"""Where each layer stands in a program's model, as PyTorch's state_dict calls it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradtutor.graph import Span
from gradtutor.language.program.values import (
    Functional,
    Instance,
    Layer,
    Stack,
    Symbol,
    Weight,
)


def layer_paths(model: Any) -> dict[int | Span, str]:
    """Return ``body.0`` and the like by the identity of each layer's item.

    And by its place in the text, where one layer alone is written there. A layer that
    two attributes share is called after the first; a model that is one layer is ``.``;
    a parameter of the text's own stands by its own identity.
    """
    paths: dict[int | Span, str] = {}
    written: list[Span] = []
    waiting: list[tuple[str, Any]] = [("", model)]
    seen: set[int] = set()
    while waiting:
        path, value = waiting.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Layer):
            paths.setdefault(id(value.item), path or ".")
            paths[value.item.span] = path or "."
            written.append(value.item.span)
        if isinstance(value, Weight):
            paths.setdefault(id(value), path)
        waiting += [(_joined(path, name), one) for name, one in _parts(value)]
    return {
        key: path
        for key, path in paths.items()
        if isinstance(key, int) or written.count(key) == 1
    }


def members(model: Any) -> Iterator[tuple[str, Layer | Weight]]:
    """Yield the layers and arrays that a model holds, each once, in their order."""
    waiting: list[tuple[str, Any]] = [("", model)]
    seen: set[int] = set()
    while waiting:
        path, value = waiting.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Layer | Weight):
            yield path, value
        inside = [(_joined(path, name), one) for name, one in _parts(value)]
        if isinstance(value, Layer) and isinstance(value.inner, Layer):
            inside.append((path, value.inner))
        if isinstance(value, Functional):
            inside.reverse()
        waiting = [*inside, *waiting]


def parts_of(model: Any) -> list[Any]:
    """Return what a model holds at once, in its order: Keras's ``model.layers``."""
    parts = [part for _, part in _parts(model)]
    if isinstance(model, Stack):  # Keras's Sequential does not count its Input
        parts = [one for one in parts if not _is_input(one)]
    if not isinstance(model, Functional):
        return parts
    inputs = model.inputs
    listed = inputs if isinstance(inputs, list | tuple) else [inputs]
    return [*listed, *reversed(parts)]


def _is_input(part: Any) -> bool:
    return isinstance(part, Layer) and part.item.kind == "input"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a model holds, by attribute or by number."""
    if isinstance(value, Instance):
        held = (Instance, Layer, Stack, Weight)
        for name, part in value.names.items():
            if isinstance(part, held):  # of a class that derives from a layer: itself
                yield ("" if name == "__layer__" else name), part
    elif isinstance(value, Stack):
        words = {place: word for word, place in value.words.items()}
        count = 0
        for place, layer in enumerate(value.layers):
            yield words.get(place, str(count)), layer
            item = layer.item if isinstance(layer, Layer) else None
            count += item is None or item.kind != "input"
    elif isinstance(value, Functional):
        yield from _of_symbols(value)


def _of_symbols(model: Functional) -> Iterator[tuple[str, Any]]:
    """Yield a Keras model's layers by the names that Keras would give them."""
    counts: dict[str, int] = {}
    seen, waiting = set[int](), [model.outputs]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, list | tuple):
            waiting += one
        if isinstance(one, dict):
            waiting += one.values()
        if not isinstance(one, Symbol) or id(one) in seen:
            continue
        seen.add(id(one))
        waiting += [*one.args, *one.keywords.values()]
        part = one.call
        if isinstance(part, Layer | Stack | Functional | Instance):
            word = part.item.name.lower() if isinstance(part, Layer) else "model"
            counts[word] = counts.get(word, 0) + 1
            yield f"{word}_{counts[word]}", part
