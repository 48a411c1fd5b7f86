"""What a layer list says and a training here does otherwise, as notes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

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
    return [*_frozen(tree), *([starts_note()] if _sets_starts(tree) else [])]


def starts_note() -> str:
    """Say that weights do not start as the text has it."""
    return tr(
        "initialisers are not read: weights start from U(-k, k), k = 1/sqrt(inputs)"
    )


def frozen_note(line: int) -> str:
    """Say that weights which the text keeps as they are get a gradient here."""
    return tr(
        "warning: line {n} keeps weights as they are: here they are trained as any",
        n=line,
    )


def _frozen(tree: ast.AST) -> Iterator[str]:
    for node in _keywords(tree, ("trainable",)):
        if isinstance(node.value, ast.Constant) and node.value.value is False:
            yield frozen_note(node.value.lineno)


def _sets_starts(tree: ast.AST) -> bool:
    return any(
        not (isinstance(node.value, ast.Constant) and node.value.value is None)
        for node in _keywords(tree, INITIALISERS)
    )


def _keywords(tree: ast.AST, names: tuple[str, ...]) -> Iterator[ast.keyword]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in names:
            yield node
