"""What a layer list says and a training here does otherwise, as notes."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator

from gradtutor.graph import Graph, inputs
from gradtutor.messages import tr

#: How weights start, which is not read.
INITIALISERS = (
    *("kernel_initializer", "recurrent_initializer", "embeddings_initializer"),
    *("bias_initializer", "depthwise_initializer", "pointwise_initializer"),
    *("gamma_initializer", "beta_initializer", "alpha_initializer"),
)


def left_out(tree: ast.AST) -> list[str]:
    """Return a note for each thing that the layers of a text ask for in vain.

    >>> left_out(ast.parse("Dense(3, bias_initializer=None)"))
    []
    """
    return [starts_note()] if _sets_starts(tree) else []


def starts_note() -> str:
    """Say that weights do not start as the text has it."""
    return tr(
        "initialisers are not read: weights start from U(-k, k), k = 1/sqrt(inputs)"
    )


def frozen_layers(tree: ast.AST) -> list[ast.Call]:
    """Return the layers that are told to keep their weights: trainable=False."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [node for node in calls if any(map(_keeps, node.keywords))]


def _keeps(word: ast.keyword) -> bool:
    kept = isinstance(word.value, ast.Constant) and word.value.value is False
    return word.arg == "trainable" and kept


def frozen_notes(graph: Graph, lines: Iterable[int]) -> list[str]:
    """Say how many numbers keep their values, and which lines ask for it."""
    sizes = {
        role: sum(math.prod(graph.nodes[one]["shape"]) for one in inputs(graph, role))
        for role in ("frozen", "parameter")
    }
    if not sizes["frozen"]:
        return []
    shown = ", ".join(map(str, sorted(lines)))
    return [
        tr(
            "line {lines}: {n:,} of {all:,} parameters keep their values, without a "
            "gradient; --from FILE of the script that `gradtutor gen` writes gives "
            "them",
            lines=shown,
            n=sizes["frozen"],
            all=sum(sizes.values()),
        )
    ]


def _sets_starts(tree: ast.AST) -> bool:
    return any(
        not (isinstance(node.value, ast.Constant) and node.value.value is None)
        for node in _keywords(tree, INITIALISERS)
    )


def _keywords(tree: ast.AST, names: tuple[str, ...]) -> Iterator[ast.keyword]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in names:
            yield node
