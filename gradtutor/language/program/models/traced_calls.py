"""A library's functions on tensors while a model is traced."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.data import arrays
from gradtutor.language.program.data.operators import is_symbolic
from gradtutor.language.program.data.plain import NUMBERS, PYTHON
from gradtutor.language.program.models.building import MAKERS as MODEL_MAKERS
from gradtutor.language.program.models.called_losses import (
    FUNCTIONAL_LOSSES,
    KERAS_FUNCTIONS,
    functional_loss,
    keras_loss,
)
from gradtutor.language.program.models.stages import UNREAD, Stage
from gradtutor.language.program.values import (
    Library,
    Symbol,
    Tensor,
    Weight,
)

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]
#: Libraries whose functions of tensors take them in an order of their own.
OWN_READERS = ("haiku", "hk")


def _gates(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Make gates of a function of tensors; of Keras's symbols, another symbol."""
    if called.root in OWN_READERS:
        return UNREAD
    given = [*args, *keywords.values()]
    python = called.path in PYTHON and called.name not in NUMBERS
    if run.tracer is not None and any(map(has_tensor, given)) and not python:
        if called.path == "sum" and len(args) == 1 and isinstance(args[0], Tensor):
            args = args if run.tracer.plain else [args[0], 0]  # Python's adds the rows
        return _on_tensors(run, called, args, keywords, node)
    if any(map(is_symbolic, given)) and not _is_maker(called):
        return Symbol(called, tuple(args), keywords, node)
    return UNREAD


def _leaf(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Make a number that is differentiated: Value(2.0), tensor(2., requires_grad)."""
    name = called.name
    marked = keywords.get("requires_grad") is True and name in arrays.MAKERS
    if run.tracer is None or not args or not (name in LEAVES or marked):
        return UNREAD
    always = name in ("Value", "Scalar")
    always = always or (name == "Variable" and called.root in ("tf", "tensorflow"))
    made = arrays.MAKERS.get(name, arrays.MAKERS["array"])(args, keywords)
    label = str(keywords.get("label", keywords.get("name", "")))
    if keywords.get("requires_grad") is True or always:
        return run.tracer.leaf(made, node, label if label.isidentifier() else "")
    return UNREAD


def _noise(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Take what a model draws at random, of a batch's size, as its mean."""
    if run.tracer is None or run.tracer.plain or called.name not in NORMAL:
        return UNREAD
    made = arrays.MAKERS[called.name](args, keywords)
    if not isinstance(made, Data) or keywords.get("requires_grad") is True:
        return UNREAD
    if made.shape and all(type(size) is int for size in made.shape):
        return UNREAD  # of no batch: a weight's first numbers
    return run.tracer.function(called.name, args, keywords, node)


#: Ways to draw from the normal distribution.
NORMAL = ("normal", "randn", "standard_normal", "random_normal")
TRACED: tuple[Stage, ...] = (_gates, _leaf, _noise)


#: Ways to make a number or an array that is differentiated.
LEAVES = ("Value", "Scalar", "tensor", "Tensor", "Variable", "Parameter", "randn")


def has_tensor(value: Any) -> bool:
    """Whether a value is a tensor being traced, or holds one."""
    if isinstance(value, list | tuple):
        return any(map(has_tensor, value))
    return isinstance(value, Tensor | Weight)


def _is_maker(called: Library) -> bool:
    return called.name in ("Model", "Sequential", "print", "len", "plot_model")


def _on_tensors(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Make gates of a library's function, or note the loss that it is."""
    if called.name in FUNCTIONAL_LOSSES and len(args) >= 2:
        return functional_loss(run, called, args, keywords, node)
    if called.name in KERAS_FUNCTIONS and len(args) + len(keywords) >= 2:
        return keras_loss(run, called, args, keywords, node)
    if called.name in MODEL_MAKERS:
        return MODEL_MAKERS[called.name](run, args, keywords, node)
    return run.tracer.function(called.name, args, keywords, node)
