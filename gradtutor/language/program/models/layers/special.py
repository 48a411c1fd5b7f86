"""Layers that are made in their own way: wrappers, Lambda, Reshape, data steps."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.data.guessing import is_open
from gradtutor.language.program.models.layers.reading import (
    of_library,
    read,
    registered,
)
from gradtutor.language.program.values import (
    Class,
    Function,
    Layer,
    Library,
    Partial,
    Stack,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


#: Layers that hold another one.
WRAPPERS = ("Bidirectional", "TimeDistributed")


def _wrapper(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    inner = args.pop(0) if args else keywords.pop("layer", None)
    keywords.pop("backward_layer", None)
    item = read(run, called.name, args, keywords, node)
    return registered(run, Layer(of_library(run, called, item), inner, node))


def _lambda(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    function = args[0] if args else keywords.get("function", keywords.get("func"))
    if not isinstance(function, Function | Library | Class):
        raise run.fail(
            tr("a Lambda takes a function"), node, "as in Lambda(lambda x: x)"
        )
    kept = {k: v for k, v in keywords.items() if "shape" in k and "out" not in k}
    item = read(run, called.name, [], kept, node)
    return registered(run, Layer(item, function, node))


def _encoder_stack(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    word = f"{called.name.removeprefix('Transformer').lower()}_layer"
    given = dict(zip((word, "num_layers", "norm"), args, strict=False)) | keywords
    first, count = given.get(word), given.get("num_layers", 1)
    if not isinstance(first, Layer):
        return None
    many = count if type(count) is int else 1
    made: list[Any] = [Layer(replace(first.item), None, node) for _ in range(many)]
    words = {f"layers.{i}": i for i in range(many)} | {"norm": many}
    made += [one for one in (given.get("norm"),) if isinstance(one, Layer)]
    return registered(run, Stack(made, run.span(node), "Encoder", words))


def _flatten(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    named = dict(zip(("start_dim", "end_dim"), args, strict=False))
    args.clear()
    keywords |= {k: v for k, v in named.items() if type(v) is int}


def _residual(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    stack = args[0] if len(args) == 1 and isinstance(args[0], list) else args
    return registered(run, Stack(list(stack), run.span(node), "Residual"))


def _reshape(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Reshape(7, 7, 256) and Reshape((7, 7, 256)) are the same."""
    if len(args) > 1:
        args[:] = [tuple(args)]
    for given in (args, keywords):
        for key in range(len(given)) if isinstance(given, list) else list(given):
            if "shape" not in str(key) or "target" in str(key):
                given[key] = _open_sizes(run, given[key])  # type: ignore[index]
    args[:] = args[:1]


def _open_sizes(run: Interpreter, sizes: Any) -> Any:
    """Return a target shape whose open sizes follow from the others."""
    listed = sizes if isinstance(sizes, list | tuple) else (sizes,)
    return tuple(-1 if is_open(run, one) else one for one in listed)


def _pattern(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Keep einops.layers' Rearrange("b c h w -> b (c h w)") and Reduce."""
    word = {"Rearrange": "rearrange", "Reduce": "reduce"}[called.name]
    whole = Partial(Library(f"einops.{word}"), tuple(args), keywords)
    item = Item("pattern", {}, run.span(node), called.name)
    return registered(run, Layer(item, whole, node))


def _data_step(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Keep a layer that prepares the data: what it does is not part of the network."""
    given = dict(zip(("height", "width"), args, strict=False)) | keywords
    size = (given.get("height"), given.get("width"))
    facts: dict[str, Any] = {"keras": True}
    if called.name in ("Resizing", "CenterCrop", "RandomCrop"):
        facts["sizes"] = size if all(type(one) is int for one in size) else None
    if called.name in WORDS_OUT:
        length = keywords.get("output_sequence_length")
        facts["steps"] = length if type(length) is int else None
    if isinstance(keywords.get("input_shape"), tuple | list):
        shape = keywords["input_shape"]
        facts["shape"] = tuple(None if is_open(run, one) else one for one in shape)
    item = Item("data_step", facts, run.span(node), called.name)
    return registered(run, Layer(item, None, node))


#: einops's layers.
PATTERNS = ("Rearrange", "Reduce")


#: Keras's layers that read words: what comes out are whole numbers.
WORDS_OUT = ("TextVectorization", "StringLookup", "IntegerLookup", "Hashing")


#: Layers that prepare data or vary them while training.
DATA_STEPS = (
    *("RandomFlip", "RandomRotation", "RandomZoom", "RandomContrast", "RandomCrop"),
    *("RandomTranslation", "RandomBrightness", "RandomHeight", "RandomWidth"),
    *("Resizing", "CenterCrop", "CategoryEncoding", "Discretization", *WORDS_OUT),
    *("Masking", "ActivityRegularization", "RandomShear", "RandomErasing"),
)


SPECIAL: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(WRAPPERS, _wrapper),
    "Lambda": _lambda,
    **dict.fromkeys(("TransformerEncoder", "TransformerDecoder"), _encoder_stack),
    "Flatten": _flatten,
    "Residual": _residual,
    "Reshape": _reshape,
    **dict.fromkeys(PATTERNS, _pattern),
    **dict.fromkeys(DATA_STEPS, _data_step),
}
