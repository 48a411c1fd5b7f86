"""Functions that take an input and a dictionary of arrays: Ng's ``L_model_forward``.

The arrays are the weights; where a bias is a column, ``W A + b``, so is an example.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.bare.classes import (
    as_rows,
    of_two_logarithms,
    own_steps,
)
from gradtutor.language.program.bare.parts import check_rivals
from gradtutor.language.program.held.arrays import as_weights
from gradtutor.language.program.models.parameter_trees import model_of
from gradtutor.language.program.values import Function, Unknown

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: What such a function is called.
FORWARD = re.compile(r"\w*(forward|feed_?forward|predict|propagat|model)\w*", re.I)
#: What its arrays are called together, and a way to make them.
TREE = re.compile(r"param\w*|weights|theta|model|p|net|network", re.I)
MAKER = re.compile(r"\w*(init|create|make|build|random)\w*", re.I)


def of_functions(run: Interpreter) -> Any:
    """Return the network that a function of an input and of arrays is, if any."""
    values = run.scope.names.values()
    functions = [one for one in values if isinstance(one, Function)]
    forwards = forwards_of(functions)
    check_rivals(run, [*forwards])
    for forward in forwards:
        at = _place_of_arrays(forward)
        tree = _arrays(run, functions) if at is not None else None
        if at is None or tree is None:
            continue
        made = as_weights(run, tree, forward.node)
        columns = _has_columns(tree)
        model = model_of(forward, at, as_rows(made) if columns else made)
        if columns:
            model.names["__mapped__"] = True
        run.found.models.append(model)
        run.notes.append(own_steps(forward.name))
        of_two_logarithms(run)
        return model
    return None


def forwards_of(functions: list[Function]) -> list[Function]:
    """Return the functions that may be the network; not those that call another."""
    found = [
        one
        for one in functions
        if FORWARD.fullmatch(one.name) and _place_of_arrays(one) is not None
    ]
    names = {one.name for one in found}
    return [
        one
        for one in found
        if not any(
            isinstance(part, ast.Name) and part.id in names - {one.name}
            for part in ast.walk(one.node)
        )
    ]


def _place_of_arrays(function: Function) -> int | None:
    """Return which argument the arrays are, of a function of two, and no lambda."""
    words = [one.arg for one in function.node.args.args]
    needed = len(words) - len(function.node.args.defaults)
    if needed != 2 or isinstance(function.node, ast.Lambda):
        return None
    found = [i for i, word in enumerate(words[:2]) if TREE.fullmatch(word)]
    return found[0] if len(found) == 1 else None


def _arrays(run: Interpreter, functions: list[Function]) -> Any:
    """Return a dictionary of arrays as the text makes it, of the sizes it names."""
    for maker in functions:
        if not MAKER.fullmatch(maker.name) or FORWARD.fullmatch(maker.name):
            continue
        words = [one.arg for one in maker.node.args.args]
        needed = words[: len(words) - len(maker.node.args.defaults)]
        given = {word: _size(run, word) for word in needed}
        if any(isinstance(one, Unknown) or one is None for one in given.values()):
            continue
        made = run.call(maker, [], given, maker.node)
        if isinstance(made, dict) and made and all(map(_is_array, made.values())):
            return made
    return None


def _size(run: Interpreter, word: str) -> Any:
    """Return what the text gives a name, or its plural: layer_dims, layers_dims."""
    for name in (word, word.replace("layer_", "layers_"), word.replace("dim", "size")):
        value = run.scope.find(name)
        if isinstance(value, int | list | tuple):
            return value
    for values in run.found.arguments.values():
        value = values[1].get(word)
        if isinstance(value, int | list | tuple):
            return value
    return None


def _is_array(value: Any) -> bool:
    shape = value.shape if isinstance(value, Data | Filled) else None
    return shape is not None and all(type(one) is int and one > 0 for one in shape)


def _has_columns(tree: dict[Any, Any]) -> bool:
    """Whether each bias is a column as high as the matrix before it."""
    shapes = [one.shape for one in tree.values()]
    pairs = [(a, b) for a, b in zip(shapes[::2], shapes[1::2], strict=False)]
    fits = [len(a) == len(b) == 2 and b == (a[0], 1) for a, b in pairs]
    return bool(fits) and len(shapes) % 2 == 0 and all(fits)
