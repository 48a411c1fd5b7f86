"""Networks of functions: ``predict(params, x)`` with arrays in lists and dictionaries.

What JAX's ``grad(loss)(params, x, y)`` differentiates by is made the weights; the
function that the loss gives them to is the model.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import (
    Function,
    Instance,
    Library,
    Scope,
    Unknown,
    class_of_forward,
)
from gradtutor.language.program.weights import as_weight

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: What a network of functions stands under: a class that computes something.
MODULE = Library("jax.Module")


def as_tree(
    run: Interpreter, function: Any, args: Sequence[Any], node: ast.AST
) -> Sequence[Any]:
    """Return a loss's arguments, the arrays of the first one made weights."""
    first = args[0] if args else None
    if run.found.tree is not None:
        return args
    if not isinstance(first, list | tuple | dict) or not _all_arrays(first):
        return args
    run.found.tree = _weights(run, first, node)
    run.found.judged = function
    return [run.found.tree, *args[1:]]


def _all_arrays(value: Any) -> bool:
    """Whether a list, a dictionary or a tuple holds arrays of known axes alone."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return bool(value) and all(map(_all_arrays, value))
    shape = value.shape if isinstance(value, Data | Filled) else None
    return shape is not None and all(type(size) is int and size > 0 for size in shape)


def _weights(run: Interpreter, value: Any, node: ast.AST) -> Any:
    if isinstance(value, dict):
        return {key: _weights(run, one, node) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_weights(run, one, node) for one in value)
    return as_weight(run, value, node)


def applied(
    run: Interpreter,
    function: Function,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Call the model that a function of the weights is; UNREAD for any other one."""
    tree = run.found.tree
    if tree is None or run.tracer is not None or function is run.found.judged:
        return UNREAD
    at = next((i for i, one in enumerate(args) if one is tree), None)
    rest = [Data() if _is_open(run, one) else one for one in args]
    rest = [one for one in rest if one is not tree]
    if at is None or not any(isinstance(one, Data | Filled) for one in rest):
        return UNREAD
    key = id(function)
    if key not in run.found.networks:
        made = model_of(function, at, tree)
        made.names |= {"__mapped__": True} if key in run.found.mapped else {}
        run.found.networks[key] = made
        run.found.models.append(run.found.networks[key])
    return run.call(run.found.networks[key], rest, keywords, node)


def _is_open(run: Interpreter, value: Any) -> bool:
    """Whether a value is data that are not in the text."""
    free = isinstance(value, Library) and run.is_free(value.root)
    return free or isinstance(value, Unknown)


def model_of(function: Function, at: int, tree: Any) -> Instance:
    """Return an object whose forward gives a function its weights, argument ``at``."""
    spec = copy.deepcopy(function.node.args)
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    spec.args, spec.posonlyargs = [*spec.posonlyargs, *spec.args], []
    spec.args[at].arg = "self"
    spec.args = [spec.args[at], *spec.args[:at], *spec.args[at + 1 :]]
    held = ast.Attribute(ast.Name("self", ast.Load()), "params", ast.Load())
    given = [ast.Name(name, ast.Load()) for name in names]
    call = ast.Call(
        ast.Name("__function__", ast.Load()),
        [held if i == at else one for i, one in enumerate(given)],
        [],
    )
    forward = ast.FunctionDef("forward", spec, [ast.Return(call)], [])
    for one in ast.walk(forward):
        ast.copy_location(one, function.node)
    scope = Scope(function.scope)
    scope.names["__function__"] = function
    cls = class_of_forward(forward, function.name, scope, MODULE)
    return Instance(cls, {"params": tree})
