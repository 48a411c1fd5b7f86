"""Calls of a program: its own functions and classes, models, methods, libraries."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.program.data.attributes import Parent, parent_of
from gradtutor.language.program.data.operators import is_symbolic
from gradtutor.language.program.models import library
from gradtutor.language.program.values import (
    LOSS_VALUE,
    Class,
    Data,
    Factory,
    Filled,
    Function,
    Functional,
    Gradient,
    Instance,
    Layer,
    Library,
    Method,
    Partial,
    Scope,
    Setting,
    Stack,
    Symbol,
    Tensor,
    Unknown,
    Weight,
    Work,
    worked,
)
from gradtutor.language.program.walking import methods
from gradtutor.language.program.walking.quiet import is_quiet
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Library classes whose children are models: what they compute is in forward or call.
MODULES = ("Module", "Model", "Layer", "LightningModule", "Sequential")
#: Library classes whose children are none.
NO_MODULES = ("Dataset", "IterableDataset", "Sampler", "Callback", "object", "Loss",
              "ABC", "NamedTuple", "Enum", "DataModule", "LightningDataModule",
              "Sequence", "Optimizer", "Trainer", "Function", "TestCase")  # fmt: skip


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
    made = run.call(value.function, args, keywords, node)
    pair = isinstance(made, list | tuple) and bool(made)
    loss = made[0] if pair else made
    if isinstance(loss, Data) and loss.made == LOSS_VALUE.made:
        run.train_step(loss)
    if value.value:
        return made, Data()
    return (Data(), made[1]) if value.aux and pair and len(made) > 1 else Data()


# ---- the text's own functions and classes ----


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


def make_instance(
    run: Interpreter,
    cls: Class,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> Any:
    """Make an object of a class of the text; its constructor is walked through."""
    if run.tracer is not None and run.tracer.plain and _is_number_class(cls):
        word = str(keywords.get("label", ""))
        name = word if word.isidentifier() else ""
        return run.tracer.leaf(args[0], node, name) if args else Data()
    made = Instance(cls, {}, run.span(node))
    run.found.objects.append(made)
    if is_module(made):
        run.found.models.append(made)
    start = cls.method("__init__")
    if isinstance(start, Function):
        call_function(run, start, [made, *args], keywords, node)
    elif layer := methods.own_layer(run, made, list(args), keywords, node):
        made.names["__layer__"] = layer
    elif (ends := _ends(made, args, keywords)) is not None:
        made.names["__functional__"] = Functional(*ends)
    elif is_module(made) and args:
        made.names["__stack__"] = Stack(list(args), made.span)
    else:
        _fields(run, made, args, keywords)
    if is_module(made) and made not in run.found.models:
        run.found.models.append(made)
    return made


def _fields(
    run: Interpreter,
    made: Instance,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
) -> None:
    """Give a data class its fields; a module of Flax then sets up its layers."""
    _defaults(run, made)
    cls = made.cls
    fields = [
        part.target.id
        for part in (cls.node.body if cls else ())
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    ]
    made.names |= dict(zip(fields, args, strict=False)) | dict(keywords)
    setup = cls.method("setup") if cls else None
    of_flax = cls is not None and any(one.root == "flax" for one in cls.libraries())
    if of_flax and isinstance(setup, Function):
        call_function(run, setup, [made], {}, setup.node)


def _ends(made: Instance, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the inputs and outputs that a subclass of Keras's Model is made with."""
    bases = made.cls.libraries() if made.cls else ()
    given = [*args, *(keywords[k] for k in ("inputs", "outputs") if k in keywords)]
    symbols = len(given) == 2 and any(map(is_symbolic, given))
    return given if symbols and any(base.name == "Model" for base in bases) else None


def _defaults(run: Interpreter, made: Instance) -> None:
    """Work out field(default_factory=list), each object's own."""
    for name, value in made.cls.names.items() if made.cls else ():
        if isinstance(value, Factory):
            made.names[name] = run.call(value.make, [], {}, made.cls.node)  # type: ignore[union-attr]


def _is_number_class(cls: Class) -> bool:
    """Whether a class of the text stands for numbers, as micrograd's Value does."""
    return all(cls.method(name) is not None for name in ("__add__", "__mul__"))


def is_module(value: Any) -> bool:
    """Whether an object is of a class that computes something of tensors."""
    if not isinstance(value, Instance) or value.cls is None:
        return False
    bases = list(value.cls.libraries())
    if any(base.name in MODULES for base in bases):
        return True
    if any(base.name in NO_MODULES for base in bases):
        return False
    computes = any(value.cls.method(name) for name in ("forward", "call"))
    if any(base.name in LAYERS for base in bases):
        return True
    holds = any(map(_is_part, value.names.values()))
    return bool(bases and computes) or bool(bases and holds and not computes) or holds


def _is_part(value: Any) -> bool:
    """Whether an attribute is a layer, a model or a weight, or a list with one."""
    if isinstance(value, list | tuple):
        return any(map(_is_part, value))
    return isinstance(value, Layer | Stack | Functional | Weight)


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
        return _setting_called(run, value, args, node)
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
