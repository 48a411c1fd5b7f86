"""Layers as a program makes them: Dense(10), nn.Conv2d(3, 8, 5), Lambda(f)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.layers.left_out import INITIALISERS, starts_note
from gradtutor.language.layers.training import REGULARISERS
from gradtutor.language.program.data.guessing import is_open
from gradtutor.language.program.held.freezing import keep
from gradtutor.language.program.models.layers.reading import (
    Keywords,
    extras,
    of_library,
    read,
    registered,
)
from gradtutor.language.program.models.layers.special import DATA_STEPS, SPECIAL
from gradtutor.language.program.models.old_spellings import as_needle, as_now
from gradtutor.language.program.values import (
    Function,
    Instance,
    Layer,
    Library,
    Setting,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Keras's arguments for a penalty on a layer's weights.
PENALTIES = ("kernel_regularizer", "bias_regularizer", "activity_regularizer")
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
    item = of_library(run, called, read(run, name, args, kept, node))
    more |= {"penalty": penalty} if penalty else {}
    item = Item(item.kind, {**item.arguments, **more}, item.span, name)
    return registered(run, Layer(item, inner, node))


def _note_starts(run: Interpreter, keywords: dict[str, Any]) -> None:
    """Say that weights do not start as the text has it."""
    given = [word for word in INITIALISERS if keywords.pop(word, None) is not None]
    note = starts_note()
    run.notes += [note] * (bool(given) and note not in run.notes)


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
