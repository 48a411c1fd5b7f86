"""What a program gives names to: names, attributes, places in lists."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.data.containers import unpacked
from gradtutor.language.program.data.tables import changed
from gradtutor.language.program.held.freezing import keep
from gradtutor.language.program.values import (
    MODELS,
    Class,
    Function,
    Instance,
    Layer,
    Parameters,
    Scope,
    Stack,
    Weight,
    WeightOf,
)
from gradtutor.language.program.walking.decorators import give_method
from gradtutor.language.program.weights import as_weight

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def assign(run: Interpreter, target: ast.expr, value: Any, scope: Scope) -> None:
    """Give a value to a name, an attribute, a place in a list, or several."""
    if run.quiet and run.tracer is not None:
        value = run.tracer.stopped(value, target)
    match target:
        case ast.Name(name):
            scope.names[name] = value
            if run.tracer is not None:
                run.tracer.assigned(name, value)
            if isinstance(value, MODELS) and scope is run.scope:
                run.found.names[id(value)] = name
        case ast.Tuple(targets) | ast.List(targets):
            at = [i for i, one in enumerate(targets) if isinstance(one, ast.Starred)]
            values = unpacked(value, len(targets), at[0] if at else None, target, run)
            for one, part in zip(targets, values, strict=True):
                inner = one.value if isinstance(one, ast.Starred) else one
                assign(run, inner, part, scope)
        case ast.Attribute(owner, "requires_grad" | "trainable" as name):
            _set_trained(run, run.evaluate(owner, scope), name, value, scope, target)
        case ast.Attribute(owner, name):
            _set_attribute(run, run.evaluate(owner, scope), name, value)
        case ast.Subscript(owner, index):
            whole, place = run.evaluate(owner, scope), run.evaluate(index, scope)
            _set_item(run, whole, place, value)
            if (made := changed(whole, place, value)) is not None:
                assign(run, owner, made, scope)


def _set_trained(
    run: Interpreter, owner: Any, name: str, value: Any, scope: Scope, node: ast.AST
) -> None:
    """Read p.requires_grad = False, layer.trainable = True, x.requires_grad = True."""
    if isinstance(owner, (*MODELS, WeightOf, Weight, Parameters)):
        if isinstance(value, bool):
            keep(run, owner, node, kept=not value)
        return
    if name == "requires_grad" and value is True:
        make_trained(run, owner, scope, node)


def make_trained(run: Interpreter, value: Any, scope: Scope, node: ast.AST) -> Any:
    """Make an array one that is trained, by all names that it has."""
    if not isinstance(value, Data | Filled):
        return value
    names = [*run.scope.names.items(), *scope.names.items()]
    word = next((name for name, one in names if one is value), "")
    if run.tracer is not None:
        made = run.tracer.leaf(value, node, word)
    else:
        made = as_weight(run, value, node)
    for one in {id(one): one for one in (scope, run.scope)}.values():
        for name, other in one.names.items():
            if other is value:
                one.names[name] = made
            elif isinstance(other, list):
                other[:] = [made if item is value else item for item in other]
    return made


def _set_attribute(run: Interpreter, owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, Layer) and name == "weight" and isinstance(value, WeightOf):
        run.tied[id(owner)] = value.layer
        run.tied[id(value.layer)] = owner
    if isinstance(owner, Class) and isinstance(value, Function):
        give_method(owner, name, value)
    if isinstance(owner, Instance):
        owner.names[name] = value
        for part in value if isinstance(value, list | tuple) else (value,):
            if isinstance(part, MODELS):
                run.found.parts.add(id(part))


def _set_item(run: Interpreter, owner: Any, index: Any, value: Any) -> None:
    match owner, index:
        case Stack(layers=layers), int() if isinstance(value, MODELS):
            if -len(layers) <= index < len(layers):
                layers[index] = value
                run.found.parts.add(id(value))
        case Stack(), str() if isinstance(value, MODELS):
            owner.words[index] = len(owner.layers)
            owner.layers.append(value)
            run.found.parts.add(id(value))
        case dict(), str() | int() | float() | tuple():
            owner[index] = value
        case list(), int(at) if -len(owner) <= at < len(owner):
            owner[at] = value
