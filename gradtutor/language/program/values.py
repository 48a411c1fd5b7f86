"""What an expression of a program can be: numbers and words as they are, and these."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradtutor.graph import Span
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.recurrent import Cut


@dataclass(frozen=True)
class Unknown:
    """A value that the text alone does not tell, with the reason."""

    reason: str
    span: Span = (0, 0)


@dataclass(frozen=True)
class Library:
    """A name of a library, such as ``torch.nn.functional.relu``."""

    path: str

    @property
    def name(self) -> str:
        """The last part."""
        return self.path.rpartition(".")[2]

    @property
    def root(self) -> str:
        """The first part."""
        return self.path.partition(".")[0]


class Scope:
    """Names and what they are; a function's own before those around it."""

    def __init__(self, outer: Scope | None = None) -> None:
        self.names: dict[str, Any] = {}
        self.outer = outer

    def find(self, name: str) -> Any:
        """Return a value, or None where no scope has the name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def has(self, name: str) -> bool:
        """Whether a scope has the name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True
            scope = scope.outer
        return False


@dataclass(frozen=True, eq=False)
class Function:
    """A function or a lambda of the text, or a part of a library with its arguments."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    name: str = "lambda"
    owner: Class | None = None


@dataclass(frozen=True, eq=False)
class Class:
    """A class of the text."""

    node: ast.ClassDef
    scope: Scope
    bases: tuple[Any, ...] = ()
    names: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The class's name."""
        return self.node.name

    def method(self, name: str) -> Any:
        """Return a method or an attribute, its own or of a class of the text above."""
        if name in self.names:
            return self.names[name]
        for base in self.bases:
            if isinstance(base, Class) and (found := base.method(name)) is not None:
                return found
        return None

    def libraries(self) -> Iterator[Library]:
        """Yield the library classes that it derives from."""
        for base in self.bases:
            if isinstance(base, Class):
                yield from base.libraries()
            elif isinstance(base, Library):
                yield base


@dataclass(eq=False)
class Instance:
    """An object of a class of the text: a model, a layer, a data set, settings."""

    cls: Class | None
    names: dict[str, Any] = field(default_factory=dict)
    span: Span = (0, 0)
    built: bool = False  # Keras: whether build() has been called


@dataclass(frozen=True, eq=False)
class WeightOf:
    """A layer's own weight or bias, which another layer can share."""

    layer: Layer
    word: str = "weight"


@dataclass(frozen=True, eq=False)
class Parameters:
    """What ``model.parameters()`` is: the weights of a model."""

    model: Any


@dataclass(frozen=True, eq=False)
class Factory:
    """A data class's ``field(default_factory=...)``."""

    make: Any


@dataclass(frozen=True, eq=False)
class Partial:
    """A function with arguments given beforehand: functools.partial."""

    function: Any
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Gradient:
    """What ``jax.value_and_grad(f)`` is: f, differentiated where it is called."""

    function: Any
    value: bool = False  # whether the function's value comes too
    aux: bool = False  # whether it gives more than the loss


@dataclass(frozen=True)
class Method:
    """A method bound to its owner, not yet called."""

    owner: Any
    name: str


@dataclass(frozen=True, eq=False)
class Layer:
    """A library's layer; the same object twice is the same weights."""

    item: Item
    inner: Any = None  # of a wrapper such as Bidirectional
    node: Any = None  # where the text makes it


@dataclass(eq=False)
class Stack:
    """Layers one after the other: Sequential; or a list of them: ModuleList."""

    layers: list[Any] = field(default_factory=list)
    span: Span = (0, 0)
    name: str = "Sequential"
    words: dict[str, int] = field(default_factory=dict)  # of OrderedDict, ModuleDict


@dataclass(frozen=True, eq=False)
class Weight:
    """A parameter of the text's own: nn.Parameter, add_weight."""

    shape: tuple[int, ...]
    span: Span
    start: str | float = "uniform"


@dataclass(frozen=True, eq=False)
class Symbol:
    """A Keras tensor: what a call makes of others, once a model has its input."""

    call: Any
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]
    node: ast.AST


@dataclass(frozen=True, eq=False)
class Part:
    """What takes a part of a Keras tensor, or one of a layer's several results."""

    index: Any


@dataclass(eq=False)
class Functional:
    """A Keras model from its inputs to its outputs."""

    inputs: Any
    outputs: Any
    span: Span = (0, 0)


@dataclass(frozen=True, eq=False)
class Setting:
    """A loss, an optimiser, a schedule, as the text has it."""

    kind: str  # loss, optimiser, schedule
    item: Item
    text: str = ""
    model: Any = None
    given: Any = None  # of an optimiser: what it is to train
    truth_first: bool = False  # whether a loss is called as Keras's objects are


@dataclass(frozen=True)
class Tensor:
    """A value of the graph while a model is traced.

    Attributes
    ----------
    node : str
        The graph's node.
    order : tuple of int
        For each axis as the text counts them, the node's axis.
    steps : tuple of Cut or str
        A sequence step by step, each (N, features): a recurrent layer's, or nodes;
        ``node`` is empty until joined.
    """

    node: str
    order: tuple[int, ...] = ()
    steps: tuple[Cut | str, ...] = ()


#: What can be called on a tensor and holds weights.
MODELS = (Stack, Layer, Functional, Instance)


def class_of_forward(
    forward: ast.FunctionDef, name: str, scope: Scope, module: Library
) -> Class:
    """Return a class that a text might have written: one method, ``forward``.

    Parameters
    ----------
    forward : ast.FunctionDef
        Has its place in the text, which becomes the class's.
    module : Library
        What it derives from: a class of a library that computes something.
    """
    node = ast.copy_location(ast.ClassDef(name, [], [], [forward], []), forward)
    made = Class(node, scope, (module,))
    made.names["forward"] = Function(forward, scope, "forward", made)
    return made
