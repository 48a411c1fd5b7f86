"""Losses and optimisers by their words, and a loss for each of several outputs."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item, read_item
from gradtutor.language.layers.spellings import Spelling
from gradtutor.language.layers.training import (
    LOSS_WORDS,
    NEAR_WORDS,
    OPTIMISER_WORDS,
    SCHEDULE_WORDS,
)
from gradtutor.language.program.models.settings import (
    KINDS,
    call_node,
    make_setting,
    near_optimiser,
)
from gradtutor.language.program.values import (
    Function,
    Instance,
    Library,
    Setting,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]


WORDS: dict[str, Mapping[str, str]] = {
    "loss": LOSS_WORDS,
    "optimiser": OPTIMISER_WORDS,
    "schedule": SCHEDULE_WORDS,
}


def from_word(run: Interpreter, kind: str, value: Any, node: ast.AST) -> Setting | None:
    """Read loss="mse" or optimizer="adam"; a Setting is one already."""
    if isinstance(value, Setting):
        return value
    words = WORDS[kind]
    table = KINDS[kind]
    if isinstance(value, dict | list | tuple) and value:
        return _first_of(run, kind, value, node)
    if kind == "loss" and isinstance(value, Function | Instance):
        run.found.own = value
    if isinstance(value, Library):
        name = value.name if value.name in table else words.get(value.name, "")
        made = make_setting(run, name, [], {}, node) if name else None
        return made and replace(made, text=value.name)
    if not isinstance(value, str):
        word = run.source.segment(node)
        why = (
            tr("a function of its own")
            if isinstance(value, Function)
            else tr("not in the text")
        )
        run.notes.append(
            tr(
                "warning: the {kind} {word} is {why}: the usual is taken",
                kind=kind,
                word=word,
                why=why,
            )
        )
        return None
    if kind == "optimiser" and value.lower() in NEAR_WORDS:
        near = near_optimiser(run, NEAR_WORDS[value.lower()], [], {}, node)
        item = Item(near.item.kind, near.item.arguments, near.item.span, value)
        return Setting(kind, item, value)
    if value.lower() not in words:
        known = dict.fromkeys(words, Spelling(""))
        read_item(run.source, ast.copy_location(ast.Constant(value), node), known)
    read = call_node(node, words[value.lower()], [], {})
    item = read_item(run.source, read, table)
    item = Item(item.kind, item.arguments, item.span, value)
    made = Setting(kind, item, value)
    run.found.settings.append(made)
    return made


def _first_of(run: Interpreter, kind: str, value: Any, node: ast.AST) -> Setting | None:
    """Read loss=["mse", "mae"] or {"price": "mse"}: each output's; return the first."""
    listed = list(value.values()) if isinstance(value, dict) else list(value)
    first: Setting | None = from_word(run, kind, listed[0], node)
    if kind == "loss" and len(listed) > 1:
        run.notes.append(tr("of several losses the first is taken"))
        made = [first, *(from_word(run, kind, one, node) for one in listed[1:])]
        known = [a or b for a, b in zip(made, listed, strict=True)]
        run.found.several = [(one, 1.0) for one in known]
    return first


def of_outputs(run: Interpreter, owner: Any, given: Keywords) -> None:
    """Bring the losses of several outputs into the outputs' order, with their weights.

    One loss for all outputs is each one's; names are those of the layers.
    """
    outputs: Any = getattr(owner, "outputs", None)
    several = isinstance(outputs, dict | list | tuple)
    listed = outputs.values() if isinstance(outputs, dict) else outputs
    parts: list[Any] = list(listed) if several else [outputs]
    count = len(parts)
    loss: Any = given.get("loss")
    weights: Any = given.get("loss_weights")
    found = run.found
    if count == 1 and weights is not None and weights not in ([1], [1.0]):
        run.notes.append(tr("loss_weights of a single loss are left out"))
    if count > 1 and not found.several and found.compiled.get("loss"):
        found.several = [(found.compiled["loss"], 1.0)] * count
    if len(found.several) != count:
        found.several = []
        return
    names = [*outputs] if isinstance(outputs, dict) else list(map(_output_name, parts))
    if isinstance(loss, dict) and set(loss) == set(names):
        by_name = dict(zip(loss, found.several, strict=True))
        found.several = [by_name[name] for name in names]
    if isinstance(weights, dict):
        weights = [weights.get(name, 1.0) for name in names]
    plain = isinstance(weights, list | tuple) and len(weights) == count
    if plain and all(type(one) in (int, float) for one in weights):
        found.several = [
            (one, float(by))
            for (one, _), by in zip(found.several, weights, strict=True)
        ]


def _output_name(symbol: Any) -> str:
    """Return what the text calls the layer of an output: Dense(1, name="price")."""
    made = getattr(getattr(symbol, "call", None), "node", None)
    words = made.keywords if isinstance(made, ast.Call) else []
    named = (one.value for one in words if one.arg == "name")
    return next((str(one.value) for one in named if isinstance(one, ast.Constant)), "")
