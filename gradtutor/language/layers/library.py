"""Whose spelling a text is written in, Keras's or PyTorch's, and each one's defaults.

>>> import ast
>>> library_of(ast.parse("model.add(LeakyReLU())"))
'keras'
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from gradtutor.language.layers.spellings import LAYERS

#: Modules, and the short names that people give them.
ROOTS = {
    **dict.fromkeys(("keras", "tensorflow", "tf", "layers", "tf_keras"), "keras"),
    **dict.fromkeys(("flax", "haiku", "hk"), "keras"),  # channels last there too
    **dict.fromkeys(("torch", "nn", "F", "optim", "torchvision"), "torch"),
    **dict.fromkeys(("needle", "ndl", "minitorch", "lightning"), "torch"),
    **dict.fromkeys(("equinox", "eqx"), "torch"),
}
#: Methods that only one library's models have.
METHODS = {"compile": "keras", "add": "keras", "fit": "keras", "parameters": "torch"}

#: Settings that an optimiser has when the text gives none.
DEFAULTS: dict[tuple[str, str], Mapping[str, float]] = {
    ("keras", "sgd"): {"learning_rate": 0.01},
    ("keras", "rmsprop"): {"learning_rate": 0.001, "decay": 0.9, "epsilon": 1e-7},
    ("keras", "adagrad"): {"learning_rate": 0.001, "epsilon": 1e-7},
    ("keras", "adadelta"): {"learning_rate": 0.001, "decay": 0.95, "epsilon": 1e-7},
    ("keras", "lion"): {"learning_rate": 0.001},
    ("keras", "adam"): {"learning_rate": 0.001, "epsilon": 1e-7},
    ("keras", "adamw"): {
        "learning_rate": 0.001, "epsilon": 1e-7, "weight_decay": 0.004,
    },
    ("torch", "sgd"): {"learning_rate": 0.001},
    ("torch", "rmsprop"): {"learning_rate": 0.01},
    ("torch", "adagrad"): {"learning_rate": 0.01},
    ("torch", "adadelta"): {"learning_rate": 1.0},
    ("torch", "adam"): {"learning_rate": 0.001},
    ("torch", "adamw"): {"learning_rate": 0.001},
}  # fmt: skip


def library_of(tree: ast.AST) -> str:
    """Return ``keras`` or ``torch``, or nothing where a text does not tell.

    Imports and prefixes tell first, then methods, then layers that only one library
    spells so.
    """
    votes = [vote for node in ast.walk(tree) for vote in _votes(node)]
    for rank in range(3):
        found = {library for at, library in votes if at == rank}
        if len(found) == 1:
            return found.pop()
        if found:
            return ""
    return ""


def _votes(node: ast.AST) -> list[tuple[int, str]]:
    """Return what one node tells: (how sure, 0 being surest, and whose it is)."""
    match node:
        case ast.Import(names):
            roots = [name.name.partition(".")[0] for name in names]
            return [(0, ROOTS[root]) for root in roots if root in ROOTS]
        case ast.ImportFrom(module=str(module)):
            root = module.partition(".")[0]
            return [(0, ROOTS[root])] if root in ROOTS else []
        case ast.Attribute(ast.Name(root)) if root in ROOTS:
            return [(0, ROOTS[root])]
        case ast.Call(ast.Attribute(attr=method)) if method in METHODS:
            return [(1, METHODS[method])]
        case ast.Call(ast.Name(name)) if name in LAYERS:
            return [(2, whose)] if (whose := spelled_by(name)) else []
    return []


def spelled_by(name: str) -> str:
    """Return whose spelling of a layer this is; nothing where both have it."""
    if dict(LAYERS[name].facts).get("keras"):
        return "keras"
    return (
        "torch" if name.startswith(("Linear", "Conv", "MaxPool", "BatchNorm")) else ""
    )


def with_defaults(library: str, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an optimiser's settings with its library's own for those not given."""
    return {**DEFAULTS.get((library, kind), {}), **given}
