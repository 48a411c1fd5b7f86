"""Arrays that an object holds as its weights: Equinox's modules, networks in NumPy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.values import Instance
from gradtutor.language.program.weights import as_weight

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def hold_arrays(run: Interpreter, made: Instance, node: ast.AST) -> None:
    """Make the arrays of a module of Equinox its weights, as ``eqx.is_array`` does."""
    bases = made.cls.libraries() if made.cls else ()
    if any(base.root == "equinox" for base in bases):
        as_weights_of(run, made, node)


def as_weights_of(run: Interpreter, model: Instance, node: ast.AST) -> bool:
    """Make an object's arrays its weights; return whether it has any."""
    found = False
    for name, value in model.names.items():
        weights = as_weights(run, value, node)
        found = found or weights is not value
        model.names[name] = weights
    return found


def as_weights(run: Interpreter, value: Any, node: ast.AST) -> Any:
    """Return an array, or arrays in lists and dictionaries, as weights."""
    if isinstance(value, Data | Filled):
        return as_weight(run, value, node)
    if isinstance(value, dict):
        held = {key: as_weights(run, one, node) for key, one in value.items()}
        return held if any(held[k] is not value[k] for k in value) else value
    if isinstance(value, list | tuple):
        made = [as_weights(run, one, node) for one in value]
        changed = any(a is not b for a, b in zip(made, value, strict=True))
        return type(value)(made) if changed else value
    return value
