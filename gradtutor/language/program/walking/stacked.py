"""Methods of stacks of layers: model.add(layer), add_module, extend."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.values import (
    Stack,
)

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.language.program.walking.handlers import Keywords, Table


def _add(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Append a layer: model.add(layer), add_module("name", layer), append(layer)."""
    for layer in args or list(keywords.values()):
        if isinstance(layer, str):
            owner.words[layer] = len(owner.layers)
            continue
        run.found.parts.add(id(layer))
        owner.layers.append(layer)
    return owner


def _extend(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return _add(run, owner, list(args[0]) if args else [], keywords, node)


def _values(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return list(owner.layers)


def _words(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return list(owner.words)


def _pairs(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return [(word, owner.layers[place]) for word, place in owner.words.items()]


STACKED: Table = {
    "items": _pairs,
    "keys": _words,
    "add": _add,
    "append": _add,
    "add_module": _add,
    "extend": _extend,
    "values": _values,
    "children": _values,
}
