"""Calls of a program: its own functions and classes, models, methods, libraries."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import (
    LOSS_VALUE,
    Data,
    Filled,
    Work,
    worked,
)
from gradtutor.language.program.data.attributes import Parent, parent_of
from gradtutor.language.program.data.indexing import subscript
from gradtutor.language.program.data.operators import is_symbolic
from gradtutor.language.program.models import library
from gradtutor.language.program.models.other.initialisers import START, started
from gradtutor.language.program.models.parameter_trees import as_tree
from gradtutor.language.program.values import (
    Class,
    Function,
    Functional,
    Gradient,
    Instance,
    Layer,
    Library,
    Method,
    Part,
    Partial,
    Scope,
    Setting,
    Stack,
    Symbol,
    Tensor,
    Unknown,
    Weight,
)
from gradtutor.language.program.walking import methods
from gradtutor.language.program.walking.functions import call_function
from gradtutor.language.program.walking.instances import is_module, make_instance

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def call(
    run: Interpreter,
    value: Any,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Call a value of the program."""
    match value:
        case Function():
            return call_function(run, value, args, keywords, node)
        case Class():
            return make_instance(run, value, args, keywords, node)
        case Method(owner, name):
            return _method(run, owner, name, args, keywords, node)
        case Layer() | Stack() | Functional() | Instance() | Setting():
            return call_model(run, value, args, keywords, node)
        case Library(path="super"):
            scope = args[0] if args and isinstance(args[0], Scope) else None
            if scope is None and len(args) == 2:
                cls = args[0] if isinstance(args[0], Class) else None
                return Parent(args[1], cls)
            return parent_of(scope) if scope else Parent(None, None)
        case Partial(function, before, words):
            return run.call(function, [*before, *args], {**words, **keywords}, node)
        case Part(index):
            return subscript(run, args[0], index, node)
        case Gradient():
            return _gradient(run, value, args, keywords, node)
        case Library():
            return library.call_library(run, value, args, keywords, node)
        case Unknown():
            return value
    return Data()


def _gradient(
    run: Interpreter,
    value: Gradient,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Walk through the function whose gradient is asked for: the program trains."""
    if run.tracer is not None:
        return Data()
    args = as_tree(run, value.function, args, node)
    made = run.call(value.function, args, keywords, node)
    pair = isinstance(made, list | tuple) and bool(made)
    loss = made[0] if pair else made
    known = isinstance(loss, Data) and loss.made == LOSS_VALUE.made
    own = run.found.judged is value.function and getattr(loss, "work", None)
    if known or own:
        run.train_step(loss)
    if value.value:
        return made, Data()
    return (Data(), made[1]) if value.aux and pair and len(made) > 1 else Data()


# ---- the text's own functions and classes ----


# ---- models ----


def call_model(
    run: Interpreter,
    value: Any,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Call a model: on a tensor it is traced, on data its input's axes are noted."""
    given = [*args, *keywords.values()]
    if isinstance(value, Setting):
        words = [keywords[k] for k in ("y_true", "y_pred") if k in keywords]
        return _setting_called(run, value, [*args, *words], node)
    if isinstance(value, Instance) and START in value.names:
        return started(value, args, keywords)
    if run.tracer is not None and any(map(_is_tensor, given)):
        return run.tracer.apply(value, args, keywords, node)
    if isinstance(value, Layer) and value.item.kind == "embedding" and run.tracer:
        return run.tracer.apply(value, args, keywords, node)
    if any(map(is_symbolic, given)):
        if isinstance(value, Instance) and not is_module(value):
            return call_method(run, value, "__call__", args, keywords, node)
        return Symbol(value, tuple(args), keywords, node)
    if isinstance(value, Instance) and not is_module(value):
        return call_method(run, value, "__call__", args, keywords, node)
    if args and isinstance(args[0], Data | Filled):
        run.found.examples.setdefault(id(value), []).append(args[0])
    if given and not (run.quiet and id(value) in run.found.calls):
        run.found.calls[id(value)] = (tuple(args), dict(keywords))
    work = Work(value, tuple(args), dict(keywords), node)
    if args and isinstance(args[0], Filled) and isinstance(value, Stack | Layer):
        return Data(run.output_sizes(value, args[0].shape), of=value, work=work)
    return Data(of=value, work=work)


def _is_tensor(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_is_tensor, value))
    return isinstance(value, Tensor | Weight)


def call_method(
    run: Interpreter,
    owner: Instance,
    name: str,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Call a method of the text's own by name."""
    found = owner.cls.method(name) if owner.cls else None
    if isinstance(found, Function):
        return call_function(run, found, [owner, *args], keywords, node)
    return Data()


def _setting_called(
    run: Interpreter, value: Setting, args: Sequence[Any], node: ast.AST
) -> Any:
    """Note which output of which model a loss is given, and as what."""
    if value.kind == "activation":
        return Data()
    if value.truth_first and len(args) > 1:
        args = (args[1], args[0], *args[2:])
        value = replace(value, truth_first=False)
    run.found.losses_used.append(value)
    if run.tracer is not None and (run.tracer.plain or run.tracer.judging):
        return run.tracer.loss(value.item, args, node)
    if run.tracer is not None:
        run.tracer.note_prediction(args)
    output = args[0] if args else None
    if isinstance(output, Data) and output.of is not None:
        run.found.outputs.setdefault(id(output.of), output.path)
        if len(args) > 1 and isinstance(args[1], Data):
            key = id(output.of)
            same = args[1] in run.found.examples.get(key, [])
            run.found.autoencodes[key] = same
    return worked(LOSS_VALUE, value, args, {}, node, inside=run.inside)


def _method(
    run: Interpreter,
    owner: Any,
    name: Any,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Call a method: of the text's own class, else of a table by the owner's kind."""
    plain = run.tracer is not None and run.tracer.plain
    if run.tracer is not None and name == "gradient" and args:
        run.tracer.note_minimised(args[0])
    if plain and name == "gradient" and args and isinstance(args[0], Tensor):
        return run.tracer.function("backward", list(args), {}, node)
    if isinstance(name, Function):
        if run.tracer is None and name.name in ("forward", "call") and is_module(owner):
            return call_model(run, owner, args, keywords, node)
        words = [
            getattr(one, "id", "") for one in getattr(name.node, "decorator_list", [])
        ]
        first = owner.cls if "classmethod" in words else owner
        return call_function(run, name, [first, *args], keywords, node)
    if not isinstance(owner, list | tuple) and is_symbolic(owner):
        return Symbol(Library(f"tensor.{name}"), (owner, *args), keywords, node)
    if run.tracer is not None and isinstance(owner, Tensor | Weight):
        return run.tracer.function(name, [owner, *args], keywords, node)
    made = methods.call_method(run, owner, name, args, keywords, node)
    return worked(
        made, Method(None, name), (owner, *args), keywords, node, inside=run.inside
    )
