"""Weights that a program keeps as they are: no gradient, no step of the optimiser.

``requires_grad = False``, Keras's ``trainable = False``, and an optimiser that is given
only a part of the model's parameters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.held.paths import members
from gradtutor.language.program.values import (
    MODELS,
    Layer,
    Parameters,
    Setting,
    Weight,
    WeightOf,
)

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: What PyTorch calls a layer's arrays; those of recurrent layers are of one kind each.
BOTH = ("weight", "bias")
#: Layers whose only array is a table.
TABLES = ("embedding", "embedding_bag", "prelu")


def parameters_of(model: Any) -> list[tuple[str, WeightOf | Weight]]:
    """Return the arrays of a model with PyTorch's names, in their order."""
    found: list[tuple[str, WeightOf | Weight]] = []
    for path, part in members(model):
        if isinstance(part, Weight):
            found.append((path, part))
            continue
        within = f"{path}." if path else ""
        found += [(f"{within}{word}", WeightOf(part, word)) for word in _words(part)]
    return found


def _words(layer: Layer) -> tuple[str, ...]:
    """Return which arrays a layer has; none, where it has no weights at all."""
    given = layer.item.arguments
    if layer.item.kind in TABLES:
        return BOTH[:1]
    if not (given.keys() & SIZED) and layer.inner is None:
        return ()
    return BOTH[:1] if given.get("bias") is False else BOTH


#: Arguments that only layers with weights have.
SIZED = {"units", "features", "in_features", "in_channels", "key_dim", "eps"}


# ---- kept, or trained again ----


def keep(run: Interpreter, value: Any, node: ast.AST, *, kept: bool = True) -> None:
    """Note that a layer, a model or one of its arrays keeps its values, or no longer.

    Keras and PyTorch pass it on to all that a model holds.
    """
    for one in _arrays(value):
        owner, words = _place(one)
        if kept:
            run.frozen.setdefault(owner, set()).update(words)
        else:
            run.frozen.get(owner, set()).difference_update(words)
    if kept:
        line = getattr(node, "lineno", 0)
        run.frozen_lines.update({line} if line else ())


def is_kept(run: Interpreter, value: Any) -> bool:
    """Whether an array keeps its values."""
    owner, words = _place(value)
    return words <= run.frozen.get(owner, set())


def _place(one: WeightOf | Weight | Layer) -> tuple[int, set[str]]:
    if isinstance(one, WeightOf):
        return id(one.layer), {one.word}
    return id(one), set(BOTH)


def _arrays(value: Any) -> Iterator[WeightOf | Weight | Layer]:
    """Yield what a value stands for: arrays, or whole layers."""
    if isinstance(value, list | tuple):
        for one in value:
            yield from _arrays(one)
    elif isinstance(value, Parameters):
        yield from _arrays(value.model)
    elif isinstance(value, WeightOf | Weight):
        yield value
    elif isinstance(value, MODELS):
        for _, part in members(value):
            yield part


# ---- an optimiser of a part ----


def freeze_others(run: Interpreter, model: Any, optimiser: Setting | None) -> None:
    """Keep what the optimiser is not given, where it is given a part of the model."""
    given = _given(optimiser.given) if optimiser is not None else None
    whole = _named(model)
    if not given or not (whole & given) or whole <= given:
        return
    for owner, word in whole - given:
        run.frozen.setdefault(owner, set()).add(word)
    start = optimiser.item.span[0] if optimiser else 0
    run.frozen_lines.add(run.source.text.count("\n", 0, start) + 1)


def _named(value: Any) -> set[tuple[int, str]]:
    """Return the arrays that a value stands for: whose, and which."""
    placed = map(_place, _arrays(value))
    return {(owner, word) for owner, words in placed for word in words}


def _given(value: Any) -> set[tuple[int, str]] | None:
    """Return what an optimiser is given; None if the text is not clear."""
    if isinstance(value, dict):
        return _given(value.get("params", ()))
    if isinstance(value, list | tuple):
        parts = [_given(one) for one in value]
        known = [one for one in parts if one is not None]
        return set().union(*known) if len(known) == len(parts) else None
    known_kind = isinstance(value, Parameters | WeightOf | Weight | Layer)
    return _named(value) if known_kind else None
