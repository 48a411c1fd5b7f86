"""Layers, losses and optimisers in PyTorch's and Keras's spellings.

``nn.Linear(784, 128)``, ``Linear(128)`` and ``Dense(units=128)`` are the same layer.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradtutor.gates import SPELLINGS
from gradtutor.graph import Span
from gradtutor.language.errors import ArgumentError, UnknownNameError, near
from gradtutor.language.literals import literal
from gradtutor.language.syntax import Source


@dataclass(frozen=True)
class Spelling:
    """One accepted spelling: what it means and the names of its arguments, in order."""

    kind: str
    arguments: tuple[str, ...] = ()
    #: Accepted and without effect here (``name="hidden"``, ``inplace=True``).
    ignored: tuple[str, ...] = ("name",)


@dataclass(frozen=True)
class Item:
    """A layer, loss or optimiser that was read, with its arguments and its place."""

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    span: Span = (0, 0)


def _activation(kind: str, *arguments: str) -> Spelling:
    return Spelling(kind, arguments, ("name", "inplace", "dim", "axis", "approximate"))


LAYERS = {
    "Input": Spelling("input", ("shape",)),
    "InputLayer": Spelling("input", ("shape",)),
    "Flatten": Spelling("flatten", (), ("name", "input_shape")),
    "Linear": Spelling(
        "linear", ("in_features", "units", "bias"), ("name", "dtype", "device")
    ),
    "Dense": Spelling(
        "linear",
        ("units", "activation", "bias", "shape"),
        ("name", "kernel_initializer", "bias_initializer"),
    ),
    "Activation": Spelling("activation", ("activation",)),
    "ReLU": _activation("relu"),
    "LeakyReLU": _activation("leaky_relu", "slope"),
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "Softplus": _activation("softplus"),
    "SiLU": _activation("swish"),
    "Swish": _activation("swish"),
    "GELU": _activation("gelu"),
    "Softmax": _activation("softmax"),
}

LOSSES = {
    "CrossEntropyLoss": Spelling("cross_entropy"),
    "SparseCategoricalCrossentropy": Spelling("cross_entropy", ("from_logits",)),
    "MSELoss": Spelling("mse_loss"),
    "MeanSquaredError": Spelling("mse_loss"),
    "QuadraticCost": Spelling("quadratic_cost"),
}

LOSS_WORDS = {
    "cross_entropy": "cross_entropy",
    "sparse_categorical_crossentropy": "cross_entropy",
    "mse": "mse_loss",
    "mean_squared_error": "mse_loss",
    "quadratic_cost": "quadratic_cost",
}

OPTIMISERS = {
    "Adam": Spelling("adam", ("learning_rate",)),
    "SGD": Spelling("sgd", ("learning_rate",)),
}
OPTIMISER_WORDS = {"adam": "adam", "sgd": "sgd"}

#: Other names of the same argument.
SYNONYMS = {
    "out_features": "units",
    "use_bias": "bias",
    "input_shape": "shape",
    "input_dim": "shape",
    "batch_shape": "shape",
    "negative_slope": "slope",
    "alpha": "slope",
    "lr": "learning_rate",
}


def called_name(node: ast.expr) -> str:
    """Return the last part of a called name: ``Linear`` for ``nn.Linear(3)``."""
    func = node.func if isinstance(node, ast.Call) else node
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def read_item(source: Source, node: ast.expr, table: Mapping[str, Spelling]) -> Item:
    """Read one call such as ``Dense(10)`` against a table of spellings.

    Raises
    ------
    UnknownNameError
        When the table has no such spelling.
    ArgumentError
        When an argument is unknown or there are too many.
    """
    name = called_name(node)
    span = source.span(node)
    if name not in table or not isinstance(node, ast.Call):
        message = f"there is no {name!r} here" if name else "a layer is expected here"
        hint = near(name, table) or f"there is {', '.join(table)}"
        raise UnknownNameError(message, source.text, span, hint)
    spelling = table[name]
    names = spelling.arguments
    if spelling.kind == "linear" and name == "Linear" and len(node.args) == 1:
        names = names[1:]  # Linear(128): the input size follows from the layer before
    if len(node.args) > len(names):
        message = f"{name} takes at most {len(names)} argument(s), not {len(node.args)}"
        raise ArgumentError(message, source.text, span, f"they are {', '.join(names)}")
    given = dict(zip(names, node.args, strict=False))
    for keyword in node.keywords:
        argument = SYNONYMS.get(keyword.arg or "", keyword.arg or "")
        if argument in spelling.ignored:
            continue
        if argument not in spelling.arguments:
            message = f"{name} has no argument {keyword.arg!r}"
            hint = near(keyword.arg or "", [*spelling.arguments, *SYNONYMS])
            raise ArgumentError(message, source.text, source.span(keyword), hint)
        given[argument] = keyword.value
    values = {key: _value(source, value) for key, value in given.items()}
    return Item(spelling.kind, values, span)


def _value(source: Source, node: ast.expr) -> Any:
    """Read an argument's value: a number, a shape, a word, True, False or None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bool | None):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(source, item) for item in node.elts)
    given = literal(source, node)
    if given is None:
        message = "an argument here is a plain number, a word in quotes or a tuple"
        raise ArgumentError(message, source.text, source.span(node))
    whole = isinstance(given.value, float) and given.value == int(given.value)
    return int(given.value) if whole else given.value


def activation_kind(source: Source, word: Any, span: Span) -> str | None:
    """Return the gate that ``activation="relu"`` means; None for no activation."""
    if word in (None, "linear"):
        return None
    kinds = {name.lower(): spelling.kind for name, spelling in LAYERS.items()}
    kinds = {name: kind for name, kind in kinds.items() if kind in SPELLINGS}
    if not isinstance(word, str) or word.replace("_", "") not in kinds:
        message = f"there is no activation {word!r}"
        raise UnknownNameError(message, source.text, span, near(str(word), kinds))
    return kinds[word.replace("_", "")]
