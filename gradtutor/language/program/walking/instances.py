"""Objects of a program's own classes, and which of them are models."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.program.array_values import (
    Data,
)
from gradtutor.language.program.data.operators import is_symbolic
from gradtutor.language.program.held.arrays import hold_arrays
from gradtutor.language.program.values import (
    Class,
    Factory,
    Function,
    Functional,
    Instance,
    Layer,
    Stack,
    Weight,
)
from gradtutor.language.program.walking import parents
from gradtutor.language.program.walking.functions import call_function

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


#: Library classes whose children are models: what they compute is in forward or call.
MODULES = ("Module", "Model", "Layer", "LightningModule", "Sequential")


#: Library classes whose children are none.
NO_MODULES = ("Dataset", "IterableDataset", "Sampler", "Callback", "object", "Loss",
              "ABC", "NamedTuple", "Enum", "DataModule", "LightningDataModule",
              "Sequence", "Optimizer", "Trainer", "Function", "TestCase")  # fmt: skip


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
        hold_arrays(run, made, node)
    elif layer := parents.own_layer(run, made, list(args), keywords, node):
        made.names["__layer__"] = layer
    elif (ends := _ends(made, args, keywords)) is not None:
        made.names["__functional__"] = Functional(*ends)
    elif is_module(made) and args:
        made.names["__stack__"] = Stack(list(args), made.span)
    else:
        _fields(run, made, args, keywords)
        hold_arrays(run, made, node)
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
