"""Calls of a program's own functions: arguments get names, bodies are walked."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.models.parameter_trees import applied
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import (
    Function,
    Scope,
)
from gradtutor.language.program.walking.blocks import is_quiet
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def call_function(
    run: Interpreter,
    function: Function,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Walk through a function of the text with its arguments."""
    from gradtutor.language.program.walking.interpreter import MAX_DEPTH
    from gradtutor.language.program.walking.statements import Left

    if (model := applied(run, function, args, keywords, node)) is not UNREAD:
        return model
    if run.depth >= MAX_DEPTH:
        return run.unknown(tr("functions call each other too deep to be read"), node)
    if run.depth == 0 and run.tracer is None and function.owner is None:
        run.found.functions.append(function)
        run.found.arguments[id(function)] = (tuple(args), dict(keywords))
    scope = Scope(function.scope)
    _bind(run, function, args, keywords, scope, node)
    if function.owner is not None and args and function.name == "__init__":
        own = {k: v for k, v in scope.names.items() if v is not args[0]}
        run.starts[id(args[0])] = own
    if function.owner is not None and args:
        scope.names |= {"__class__": function.owner, "__self__": args[0]}
    run.depth += 1
    marks = getattr(function.node, "decorator_list", [])
    quiet = any(is_quiet(run, one, function.scope) for one in marks)
    before, run.quiet = run.quiet, run.quiet or (quiet and run.tracer is None)
    try:
        if isinstance(function.node, ast.Lambda):
            return run.evaluate(function.node.body, scope)
        run.execute(function.node.body, scope)
    except Left as left:
        stops = quiet and run.tracer is not None
        return run.tracer.stopped(left.value, marks[0]) if stops else left.value
    finally:
        run.depth -= 1
        run.quiet = before
    return None


def _bind(
    run: Interpreter,
    function: Function,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    scope: Scope,
    node: ast.AST,
) -> None:
    """Give the arguments their names; one that is missing is unknown."""
    spec = function.node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    scope.names |= dict(zip(names, args, strict=False))
    if spec.vararg is not None:
        scope.names[spec.vararg.arg] = tuple(args[len(names) :])
    every = [*names, *(one.arg for one in spec.kwonlyargs)]
    scope.names |= {key: value for key, value in keywords.items() if key in every}
    if spec.kwarg is not None:
        rest = {key: value for key, value in keywords.items() if key not in every}
        scope.names[spec.kwarg.arg] = rest
    defaults = dict(zip(reversed(names), reversed(spec.defaults), strict=False))
    for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if default is not None:
            defaults[one.arg] = default
    for name in every:
        if name not in scope.names and name in defaults:
            scope.names[name] = run.evaluate(defaults[name], function.scope)
        elif name not in scope.names:
            reason = tr(
                "{function}() is called without {name!r}",
                function=function.name,
                name=name,
            )
            scope.names[name] = run.unknown(reason, node)
