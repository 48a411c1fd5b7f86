"""A layer's arguments, read: sizes that the text leaves open are taken."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item, read_item
from gradtutor.language.layers.library import ROOTS
from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.program.data.guessing import FROM_BEFORE, guessed
from gradtutor.language.program.models.settings import call_node
from gradtutor.language.program.values import (
    Library,
)

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


Keywords = Mapping[str, Any]


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


def extras(
    name: str, keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take out what a program's layer may have besides; return both parts."""
    more = {k: v for k, v in keywords.items() if k in EXTRAS.get(name, ())}
    return {k: v for k, v in keywords.items() if k not in more}, more


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


def registered(run: Interpreter, layer: Any) -> Any:
    """Keep a layer or a model among those of the program."""
    run.found.models.append(layer)
    return layer


def of_library(run: Interpreter, called: Library, item: Item) -> Item:
    """Note Keras's conventions where a name is both libraries'."""
    root = ROOTS.get(called.root, run.library)
    if root != "keras" or item.arguments.get("keras"):
        return item
    return Item(item.kind, {**item.arguments, "keras": True}, item.span, item.name)
