"""Layers as a program makes them: Dense(10), nn.Conv2d(3, 8, 5), Lambda(f)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item, read_item
from gradtutor.language.layers.left_out import INITIALISERS, starts_note
from gradtutor.language.layers.library import ROOTS
from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.layers.training import REGULARISERS
from gradtutor.language.program.data.guessing import FROM_BEFORE, guessed, is_open
from gradtutor.language.program.held.freezing import keep
from gradtutor.language.program.models.old_spellings import as_needle, as_now
from gradtutor.language.program.models.settings import call_node
from gradtutor.language.program.values import (
    Class,
    Function,
    Instance,
    Layer,
    Library,
    Partial,
    Setting,
    Stack,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]
#: Keras's arguments for a penalty on a layer's weights.
PENALTIES = ("kernel_regularizer", "bias_regularizer", "activity_regularizer")
#: Layers that hold another one.
WRAPPERS = ("Bidirectional", "TimeDistributed")
#: Arguments that a layer of a program may have and a plain list's may not.
EXTRAS = {
    "GELU": ("approximate",),
    "Flatten": ("start_dim", "end_dim"),
    **dict.fromkeys(
        ("LSTM", "GRU", "RNN", "SimpleRNN"),
        ("bidirectional", "dropout", "recurrent_dropout", "reset_after",
         "return_state", "stateful", "recurrent_activation"),
    ),
}  # fmt: skip
#: Arguments without a bearing on what a layer computes here.
IDLE = (
    *("implementation", "use_cudnn", "time_major", "mask_zero", "trainable", "sparse"),
    *("embeddings_regularizer", "synchronized", "fused", "renorm", "autocast"),
    *("embeddings_constraint", "zero_output_for_mask", "weights", "ragged"),
    *("recurrent_constraint", "scale_grad_by_freq", "norm_type", "activity"),
)


#: Arguments that are left out with a word.
NOTED = ("kernel_constraint", "bias_constraint", "recurrent_regularizer",
         "depthwise_constraint", "beta_regularizer", "gamma_regularizer")  # fmt: skip


def extras(
    name: str, keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take out what a program's layer may have besides; return both parts."""
    more = {k: v for k, v in keywords.items() if k in EXTRAS.get(name, ())}
    return {k: v for k, v in keywords.items() if k not in more}, more


def make_layer(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Read a layer: Dense(10), nn.Conv2d(3, 8, 5), Bidirectional(LSTM(8))."""
    name, args, words = as_now(called.name, list(args), dict(keywords))
    if name == "Conv":  # needle's: a square kernel, padded to the same size
        name, args, words = as_needle(args, words)
    left = [k for k in NOTED if words.pop(k, None) is not None]
    run.notes += [
        tr("warning: {name}'s {word} is left out: it is not here", name=name, word=k)
        for k in left
    ]
    if name == "Embedding" and words.get("mask_zero") not in (None, False):
        run.notes.append(
            tr(
                "warning: {name}'s mask_zero is left out: steps of word 0 are read "
                "as any others",
                name=name,
            )
        )
    kept = words.get("trainable") is False
    words = {k: v for k, v in words.items() if k not in IDLE}
    made = None
    if name in SPECIAL and (args or words or name in DATA_STEPS):
        made = SPECIAL[name](run, called, args, words, node)
    if made is None:
        made = _plain(run, called, name, args, words, node)
    if kept:
        keep(run, made, node)
    return made


def _plain(
    run: Interpreter,
    called: Library,
    name: str,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Read a layer whose arguments are numbers and words."""
    kept, penalty = _penalties(run, keywords, node)
    kept, inner = _activation_layer(run, kept)
    kept, more = extras(name, kept)
    _note_starts(run, kept)
    item = _of_library(run, called, read(run, name, args, kept, node))
    more |= {"penalty": penalty} if penalty else {}
    item = Item(item.kind, {**item.arguments, **more}, item.span, name)
    return registered(run, Layer(item, inner, node))


def read(
    run: Interpreter, name: str, args: list[Any], keywords: Keywords, node: ast.AST
) -> Item:
    """Read a layer's arguments; sizes that the text leaves open are taken."""
    call = call_node(node, name, args, keywords, partial(guessed, run))
    item = read_item(run.source, call, LAYERS)
    given = {
        k: v for k, v in item.arguments.items() if not (v is None and k in FROM_BEFORE)
    }
    return Item(item.kind, given, item.span, item.name)


def _note_starts(run: Interpreter, keywords: dict[str, Any]) -> None:
    """Say that weights do not start as the text has it."""
    given = [word for word in INITIALISERS if keywords.pop(word, None) is not None]
    note = starts_note()
    run.notes += [note] * (bool(given) and note not in run.notes)


def registered(run: Interpreter, layer: Any) -> Any:
    """Keep a layer or a model among those of the program."""
    run.found.models.append(layer)
    return layer


def _of_library(run: Interpreter, called: Library, item: Item) -> Item:
    """Note Keras's conventions where a name is both libraries'."""
    root = ROOTS.get(called.root, run.library)
    if root != "keras" or item.arguments.get("keras"):
        return item
    return Item(item.kind, {**item.arguments, "keras": True}, item.span, item.name)


def _penalties(
    run: Interpreter, keywords: Keywords, node: ast.AST
) -> tuple[dict[str, Any], tuple[tuple[str, float], ...]]:
    """Take the penalties out of a layer's arguments: l2(0.01) on its weights."""
    kept = {k: v for k, v in keywords.items() if k not in PENALTIES}
    given = keywords.get("kernel_regularizer")
    for other in PENALTIES[1:]:
        if keywords.get(other) is not None:
            run.notes.append(
                tr("warning: {other} is left out: it is not here", other=other)
            )
    if isinstance(given, str) and given in REGULARISERS:
        return kept, ((given.lower(), 0.01),)
    if isinstance(given, Setting):
        strength = given.item.arguments.get("strength", 0.01)
        return kept, ((given.item.kind, float(strength)),)
    return kept, ()


def _activation_layer(
    run: Interpreter, keywords: dict[str, Any]
) -> tuple[dict[str, Any], Any]:
    """Take activation=LeakyReLU(0.1), a layer, out of the arguments."""
    given = keywords.get("activation")
    if isinstance(given, Layer | Function | Instance) or is_open(run, given):
        rest = {k: v for k, v in keywords.items() if k != "activation"}
        return rest, None if is_open(run, given) else given
    if isinstance(given, Library) and given.name[:1].isupper():  # activation=nn.ReLU
        made = run.call(given, [], {}, run.source.tree)
        return {k: v for k, v in keywords.items() if k != "activation"}, made
    return keywords, None


# ---- layers that are made in their own way ----


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
    return registered(run, Layer(_of_library(run, called, item), inner, node))


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
    given = dict(zip(("encoder_layer", "num_layers", "norm"), args, strict=False))
    given |= keywords
    first, count = given.get("encoder_layer"), given.get("num_layers", 1)
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
    "TransformerEncoder": _encoder_stack,
    "Flatten": _flatten,
    "Residual": _residual,
    "Reshape": _reshape,
    **dict.fromkeys(PATTERNS, _pattern),
    **dict.fromkeys(DATA_STEPS, _data_step),
}
