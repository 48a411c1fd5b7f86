"""Attributes of a program's values: of libraries, objects, layers, data, tensors."""

from __future__ import annotations

import ast
import math
import string
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import SourceError
from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.held.freezing import is_kept
from gradtutor.language.program.held.paths import parts_of
from gradtutor.language.program.values import (
    Class,
    Function,
    Functional,
    Instance,
    Layer,
    Library,
    Method,
    Scope,
    Stack,
    Symbol,
    Tensor,
    Unknown,
    Weight,
    WeightOf,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Attributes of arrays that say what they are, not what they do.
ARRAY_WORDS = ("dtype", "device", "is_cuda", "requires_grad", "grad")
#: A layer's attributes, and the argument that says each.
LAYER_WORDS = {
    "in_features": "in_features",
    "out_features": "units",
    "units": "units",
    "out_channels": "units",
    "in_channels": "in_channels",
    "hidden_size": "units",
    "filters": "units",
}


#: A layer's settings that programs ask for, and what they are without the argument.
FLAGS = {"bidirectional": False, "batch_first": False, "num_layers": 1}
#: Constants of Python's and NumPy's modules.
CONSTANTS: dict[str, Any] = {
    "string.ascii_letters": string.ascii_letters,
    "string.ascii_lowercase": string.ascii_lowercase,
    "string.ascii_uppercase": string.ascii_uppercase,
    "string.digits": string.digits,
    "string.punctuation": string.punctuation,
    "string.printable": string.printable,
    "math.pi": math.pi, "math.e": math.e, "math.inf": math.inf,
    **{f"{one}.{word}": value for one in ("np", "numpy", "torch", "jnp", "jax.numpy")
       for word, value in (("pi", math.pi), ("inf", math.inf), ("e", math.e))},
    **{f"{one}.newaxis": None for one in ("np", "numpy", "jnp", "tf", "tensorflow")},
}  # fmt: skip


def attribute(run: Interpreter, value: Any, name: str, node: ast.AST) -> Any:
    """Return an attribute; a method is bound to its owner."""
    match value:
        case Library():
            path = f"{value.path}.{name}"
            return CONSTANTS.get(path, Library(path))
        case Instance():
            return _of_instance(run, value, name, node)
        case Class():
            found = value.method(name)
            return Library(f"{value.name}.{name}") if found is None else found
        case Parent():
            return _of_parent(value, name)
        case Data() | Filled():
            return _of_data(value, name)
        case Tensor() | Weight() if run.tracer is not None:
            return _of_tensor(run, value, name, node)
        case Layer(item) if name in FLAGS:
            return item.arguments.get(name, FLAGS[name])
        case Layer(item) if name in LAYER_WORDS:
            return item.arguments.get(LAYER_WORDS[name], Data())
        case Layer() if name == "weight" and run.tracer is None:
            return WeightOf(value)
        case WeightOf() if name == "requires_grad":
            return not is_kept(run, value)
        case WeightOf():
            return value if name == "weight" else _of_data(Data(), name)
        case Stack() | Functional() if name == "layers":
            return parts_of(value)
        case Layer() if name == "bias" and run.tracer is None:
            return WeightOf(value, "bias")
        case Layer() | Stack() | Functional() if name in ("weight", "bias"):
            return Data()
        case Instance() if name == "layers" and name not in value.names:
            return parts_of(value)
        case Symbol() if name == "shape":
            return symbol_sizes(run, value, node)
        case Layer(item) if name == "shape" and item.kind == "input":
            given = item.arguments.get("shape", ())
            return (None, *(given if isinstance(given, tuple) else (given,)))
        case Unknown():
            return Method(value, name) if name == "backward" else value
    if isinstance(value, Stack) and name in value.words:
        return value.layers[value.words[name]]
    return Method(value, name)


def symbol_sizes(run: Interpreter, value: Symbol, node: ast.AST) -> Any:
    """Work out a Keras tensor's axes by tracing what it is made of."""
    try:
        return run.sizes_of(value)
    except SourceError:
        return run.unknown(tr("the axes of this are known only when it runs"), node)


class Parent:
    """What ``super()`` is: an object seen as one of the class above."""

    def __init__(self, instance: Any, cls: Class | None) -> None:
        self.instance, self.cls = instance, cls


def parent_of(scope: Scope) -> Parent:
    """Return what ``super()`` is in a method's scope."""
    return Parent(scope.find("__self__"), scope.find("__class__"))


def _of_parent(value: Parent, name: str) -> Any:
    for base in value.cls.bases if value.cls else ():
        found = base.method(name) if isinstance(base, Class) else None
        if isinstance(found, Function):
            return Method(value.instance, found)  # type: ignore[arg-type]
    return Method(value, name)


def _of_instance(run: Interpreter, value: Instance, name: str, node: ast.AST) -> Any:
    if name in value.names:
        return value.names[name]
    found = value.cls.method(name) if value.cls else None
    if isinstance(found, Function):
        words = {_word(one) for one in getattr(found.node, "decorator_list", [])}
        if "property" in words:
            return run.call(Method(value, found), [], {}, node)  # type: ignore[arg-type]
        return found if "staticmethod" in words else Method(value, found)  # type: ignore[arg-type]
    if found is not None:
        return found
    if name == "training":
        return True
    if name == "__class__":
        return value.cls
    return Method(value, name)


def _word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _of_data(value: Data | Filled, name: str) -> Any:
    shape = value.shape
    if name == "shape":
        return Data() if shape is None else shape
    if name == "ndim":
        return Data() if shape is None else len(shape)
    if name == "T" and isinstance(value, Data):
        return Data(shape and shape[::-1])
    if name == "data":
        return value
    if name in ARRAY_WORDS:
        return Library(f"data.{name}")
    return Method(value, name)


def _of_tensor(run: Interpreter, value: Any, name: str, node: ast.AST) -> Any:
    if name == "shape":
        return run.tracer.sizes(value)
    if name == "ndim":
        return len(run.tracer.sizes(value))
    if name in ("T", "mT"):
        return run.tracer.transposed(value)
    if name == "data":
        return run.tracer.function(name, [value], {}, node)
    if name == "value":
        return value
    if name == "is_cuda":
        return False
    if name in ARRAY_WORDS:
        return Library(f"tensor.{name}")
    return Method(value, name)
