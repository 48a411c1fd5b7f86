"""Layers, stacks of them, models and objects of a text, applied to tensors."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.array_values import Batch, Data
from gradtutor.language.program.values import (
    Functional,
    Instance,
    Layer,
    Library,
    Stack,
    Symbol,
    Unknown,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

Keywords = Mapping[str, Any]
#: What a class that derives from a library's is made of.
INSIDE = ("__stack__", "__functional__", "__layer__")
#: Layers that go over a sequence.
RECURRENT = ("rnn", "lstm", "gru")


def apply(
    tracer: Tracer, value: Any, args: Sequence[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Apply a layer, a stack of them, a model or an object of the text."""
    from gradtutor.language.tracing.layers import apply_layer

    match value:
        case Layer():
            return apply_layer(tracer, value, list(args), keywords, node)
        case Stack(layers, name="Encoder"):
            return _encoders(tracer, layers, args, keywords, node)
        case Stack(layers, name=name):
            return _stack(tracer, layers, name, args[0], node)
        case Functional():
            return _functional(tracer, value, args)
        case Instance():
            return _instance(tracer, value, args, keywords, node)
    raise tracer.run.fail(tr("this cannot be called on a tensor"), node)


def _encoders(
    tracer: Tracer,
    layers: list[Any],
    args: Sequence[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Append a TransformerEncoder's layers, each with the same masks."""
    x, rest = args[0], list(args[1:])
    for layer in layers:
        masked = isinstance(layer, Layer) and layer.item.kind in ("encoder", "decoder")
        more = (rest, keywords) if masked else ([], {})
        x = tracer.run.call(layer, [x, *more[0]], more[1], node)
    return x


def _stack(tracer: Tracer, layers: list[Any], name: str, x: Any, node: ast.AST) -> Any:
    if name in ("ModuleList", "ModuleDict"):
        message = tr("a {name} is not called: go through its layers", name=name)
        raise tracer.run.fail(message, node)
    before = x
    for layer, after in itertools.zip_longest(layers, layers[1:]):
        if _is_missing(tracer, layer, node):
            continue
        x = tracer.run.call(_in_a_list(layer, after), [x], {}, node)
    if name != "Residual":
        return x
    return tracer.binary(ast.Add(), before, x, node)


def _is_missing(tracer: Tracer, layer: Any, node: ast.AST) -> bool:
    """Whether a layer is not in the text: it is left out, and said."""
    missing = isinstance(layer, Library) and tracer.run.is_free(layer.root)
    if not missing and not isinstance(layer, Data | Unknown):
        return False
    word = layer.path if isinstance(layer, Library) else "a layer"
    note = tr("warning: {word} is not in the text: it is left out", word=word)
    tracer.net.notes += [note] * (note not in tracer.net.notes)
    return True


def _instance(
    tracer: Tracer,
    value: Instance,
    args: Sequence[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    from gradtutor.language.program.walking.calling import call_method

    for name in ("forward", "call", "__call__"):
        if value.cls is not None and value.cls.method(name) is not None:
            if name == "call":
                _build(tracer, value, args, node)
            return call_method(tracer.run, value, name, args, keywords, node)
    for part in (*INSIDE, "net", "model", "layers"):
        if isinstance(value.names.get(part), Layer | Stack | Functional | Instance):
            return tracer.run.call(value.names[part], args, keywords, node)
    word = value.cls.name if value.cls else "this"
    message = tr(
        "{word} has no forward or call: what it computes is not in the text",
        word=word,
    )
    raise tracer.run.fail(message, node)


def _build(tracer: Tracer, value: Instance, args: Sequence[Any], node: ast.AST) -> None:
    """Call Keras's build() with the input's axes, once."""
    from gradtutor.language.program.walking.calling import call_method

    if not value.built and args:
        value.built = True
        if value.cls is not None and value.cls.method("build") is not None:
            sizes = [None if isinstance(s, Batch) else s for s in tracer.sizes(args[0])]
            call_method(tracer.run, value, "build", [tuple(sizes)], {}, node)


def _functional(tracer: Tracer, model: Functional, args: Sequence[Any]) -> Any:
    """Work out a Keras model, each of its tensors once, inputs first."""
    given = args[0] if len(args) == 1 and isinstance(args[0], list | tuple) else args
    inputs = model.inputs if isinstance(model.inputs, list | tuple) else [model.inputs]
    if isinstance(model.inputs, dict):
        inputs = list(model.inputs.values())
    for one, x in zip(inputs, given, strict=False):
        _take_stated(tracer, one, x)
    known = {id(one): x for one, x in zip(inputs, given, strict=False)}
    made = worked_out(tracer, model.outputs, known)
    tracer.symbols |= known
    return made


def _take_stated(tracer: Tracer, layer: Any, x: Any) -> None:
    """Take the shape that a Keras model states for an input that has none yet."""
    from gradtutor.language.program.arguments import stated

    number = tracer.inputs.number(x)
    if number is not None and tracer.inputs.shapes[number] is None:
        tracer.inputs.shapes[number] = stated(layer)


def worked_out(tracer: Tracer, outputs: Any, known: dict[int, Any]) -> Any:
    """Work out Keras tensors, each once; ``known`` are those that are already."""
    for symbol in _in_order(outputs, known):
        parts = [_known(known, one) for one in symbol.args]
        words = {k: _known(known, one) for k, one in symbol.keywords.items()}
        if isinstance(symbol.call, ast.operator):
            a, b = parts
            known[id(symbol)] = tracer.binary(symbol.call, a, b, symbol.node)
        else:
            known[id(symbol)] = tracer.run.call(symbol.call, parts, words, symbol.node)
    return _known(known, outputs)


def _in_a_list(layer: Any, after: Any) -> Any:
    """Return a recurrent layer of a plain list: its last state goes on, or every one.

    PyTorch's own give a pair, which its Sequential cannot hand on.
    """
    if not isinstance(layer, Layer) or layer.item.kind not in RECURRENT:
        return layer
    item, given = layer.item, layer.item.arguments
    if given.get("keras"):
        return layer
    every = isinstance(after, Layer) and after.item.kind in RECURRENT
    wanted = {"return_sequences": given.get("return_sequences", every)}
    item = Item(item.kind, {**given, "keras": True, **wanted}, item.span, item.name)
    return Layer(item, layer.inner, layer.node)


def _known(known: Mapping[int, Any], value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_known(known, one) for one in value]
    if isinstance(value, dict):
        return {key: _known(known, one) for key, one in value.items()}
    return known.get(id(value), value)


def _in_order(outputs: Any, known: Mapping[int, Any]) -> list[Symbol]:
    """Return the Keras tensors that outputs need, each after what it is made of."""
    found: dict[int, Symbol] = {}
    waiting: list[tuple[Any, bool]] = [(outputs, False)]
    while waiting:
        one, ready = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += [(part, False) for part in reversed(one)]
        elif isinstance(one, dict):
            waiting += [(part, False) for part in reversed(one.values())]
        elif isinstance(one, Symbol) and id(one) not in found and id(one) not in known:
            if ready:
                found[id(one)] = one
            else:
                waiting.append((one, True))
                waiting += [
                    (part, False) for part in (*one.args, *one.keywords.values())
                ]
    return list(found.values())
