"""Losses, optimisers and schedules as objects: CrossEntropyLoss(), Adam(...)."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Guess, Item, Known, read_item
from gradtutor.language.layers.spellings import Spelling
from gradtutor.language.layers.training import (
    LOSSES,
    NEAR_OPTIMISERS,
    OPTIMISERS,
    SCHEDULES,
)
from gradtutor.language.program import asked
from gradtutor.language.program.array_values import Data
from gradtutor.language.program.data.guessing import guessed
from gradtutor.language.program.data.known import numbers_of
from gradtutor.language.program.nearest import ALIKE, CLIPPED, RATE
from gradtutor.language.program.values import Instance, Library, Parameters, Setting
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]


def call_node(
    node: ast.AST,
    name: str,
    args: list[Any],
    keywords: Keywords,
    guess: Guess | None = None,
) -> ast.Call:
    """Write a call whose arguments are worked out, at the place of the text's."""
    func = ast.copy_location(ast.Name(name, ast.Load()), node)
    given = getattr(node, "args", [])
    places = [given[i] if i < len(given) else node for i in range(len(args))]
    words = {one.arg: one for one in getattr(node, "keywords", [])}
    named = []
    for key, value in keywords.items():
        at = words.get(key)
        one = ast.keyword(key, Known(value, at.value if at else node, guess))
        named.append(ast.copy_location(one, at or node))
    call = ast.Call(
        func, [Known(v, at, guess) for v, at in zip(args, places, strict=True)], named
    )
    return ast.copy_location(call, node)


def make_setting(
    run: Interpreter, name: str, args: list[Any], keywords: Keywords, node: ast.AST
) -> Setting:
    """Read CrossEntropyLoss(), Adam(model.parameters(), lr=0.1), StepLR(optimizer)."""
    if name in NEAR_OPTIMISERS:
        return near_optimiser(run, name, args, keywords, node)
    kind, table = next((kind, table) for kind, table in KINDS.items() if name in table)
    model = _trained_by([*args, keywords.get("params")])
    owned = args[0] if args else keywords.get("params", keywords.get("parameters"))
    text = _spelled(name, args, keywords)
    more: dict[str, Any] = {}
    if kind == "loss":
        keywords, more = _loss_extras(run, name, keywords)
    if kind != "loss":
        args = args[1:] if args and _is_owner(args[0], kind) else args
    if kind == "optimiser":
        keywords = {
            k: v for k, v in keywords.items() if k not in ("params", "parameters")
        }
        keywords = _grouped(run, name, owned, keywords, node)
        keywords = _legacy(run, name, keywords, node)
    if kind == "schedule":
        args, keywords = _schedule(run, name, args, keywords)
    read = call_node(node, name, args, keywords, partial(guessed, run))
    item = read_item(run.source, read, table)
    if more:
        item = Item(item.kind, {**item.arguments, **more}, item.span, item.name)
    owned = owned if kind == "optimiser" else None
    turned = kind == "loss" and run.library == "keras" and name[:1].isupper()
    made = Setting(kind, _weighted(run, item, name), text, model, owned, turned)
    run.found.settings.append(made)
    if model is not None:
        run.found.trained.append(model)
    return made


def _trained_by(given: Any) -> Any:
    """Return the first model of whose parameters an optimiser is given some."""
    if isinstance(given, Parameters):
        return given.model
    parts = given.values() if isinstance(given, dict) else given
    if not isinstance(given, dict | list | tuple):
        return None
    found = (_trained_by(one) for one in parts)
    return next((one for one in found if one is not None), None)


def _grouped(
    run: Interpreter, name: str, owned: Any, keywords: Keywords, node: ast.AST
) -> dict[str, Any]:
    """Take what all groups of parameters are given alike; warn of what they are not."""
    listed = owned if isinstance(owned, list | tuple) else ()
    groups = [one for one in listed if isinstance(one, dict)]
    found = dict(keywords)
    for word in sorted({w for one in groups for w in one} - {"params", "name"}):
        values = [one.get(word, keywords.get(word)) for one in groups]
        if all(value == values[0] for value in values):
            found[word] = values[0]
        else:
            asked.warn(run, f"{name}: {word}", ALIKE, node)
    return found


def near_optimiser(
    run: Interpreter, name: str, args: list[Any], keywords: Keywords, node: ast.AST
) -> Setting:
    """Take the optimiser that is nearest to one that is not here, and say so."""
    near = NEAR_OPTIMISERS[name]
    rate = {k: v for k, v in keywords.items() if k in ("lr", "learning_rate")}
    run.notes.append(
        tr("warning: {name} is not here: {near} is taken instead", name=name, near=near)
    )
    made = make_setting(run, near, args[:2], rate, node)
    item = Item(made.item.kind, made.item.arguments, made.item.span, name)
    named = Setting(made.kind, item, name, made.model, made.given)
    run.found.settings[-1] = named
    return named


def _loss_extras(
    run: Interpreter, name: str, keywords: Keywords
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take out of a loss what a plain list's has not: smoothing, sums, weights."""
    kept, more = dict(keywords), dict[str, Any]()
    smoothing = kept.pop("label_smoothing", 0)
    if isinstance(smoothing, int | float) and smoothing:
        more["smoothing"] = float(smoothing)
    way = _reduction(kept)
    if way == "sum":
        more["sum"] = True
    elif way == "none":
        more["each"] = True
    elif way == "batchmean" and LOSSES[name].kind == "kl_div":
        more["rows"] = True
    elif way is not None:
        kept["reduction"] = way  # which is refused
    if LOSSES[name].kind == "kl_div" and kept.pop("log_target", False):
        more["log_target"] = True
    for word, key in (("weight", "class_weights"), ("pos_weight", "pos_weight")):
        numbers = numbers_of(kept.get(word))
        both = "smoothing" in more and key == "pos_weight"
        if numbers is not None and numbers.ndim < 2 and not both:
            more[key] = tuple(map(float, numbers.reshape(-1)))
            kept.pop(word)
    for word in ("weight", "pos_weight", "ignore_index"):
        if kept.pop(word, None) is not None:
            run.notes.append(
                tr("warning: {name}'s {word} is left out: it is not here",
                   name=name, word=word)
            )  # fmt: skip
    return kept, more


#: Ways of reducing a loss that are a mean over all, as here.
MEANS = ("mean", "sum_over_batch_size", "auto", "mean_with_sample_weight")


def _reduction(kept: dict[str, Any]) -> Any:
    """Take out how a loss comes together: None for a mean, else what is written.

    ``Reduction.SUM`` is Keras's name for "sum", ``size_average=False`` PyTorch's old
    one.
    """
    given = kept.pop("reduction", "mean")
    if kept.pop("reduce", True) is False:
        return "none"
    if kept.pop("size_average", None) is False:
        return "sum"
    word = given.name if isinstance(given, Library) else given
    word = word.lower() if isinstance(word, str) else word
    return None if word in MEANS or not isinstance(word, str) else word


def _spelled(name: str, args: list[Any], keywords: Keywords) -> str:
    """Write a setting as the text spells it, without what stands before its name."""
    words = [f"{key}={value!r}" for key, value in keywords.items() if _is_word(value)]
    given = [*(repr(one) for one in args if _is_word(one)), *words]
    return f"{name}({', '.join(given)})" if given else name


def _is_word(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _is_owner(value: Any, kind: str) -> bool:
    """Whether an argument is what is trained, not a number."""
    plain = isinstance(value, int | float | str | tuple)
    if isinstance(value, Library) and kind == "optimiser":
        return True
    return not plain and (kind != "schedule" or isinstance(value, Setting | Data))


def _legacy(
    run: Interpreter, name: str, keywords: Keywords, node: ast.AST
) -> dict[str, Any]:
    """Take out what lowers the rate over time in Keras 2, and a schedule object."""
    kept = dict(keywords)
    decay = kept.pop("decay", 0)
    if isinstance(decay, int | float) and decay:
        run.notes.append(
            tr(
                "{name}'s decay={decay} lowers the rate over time in Keras 2, to "
                "lr/(1 + decay·steps): it is left out here, the rate stays",
                name=name,
                decay=f"{decay:g}",
            )
        )
    if name == "RMSprop" and kept.pop("momentum", 0):
        run.notes.append(tr("RMSprop's momentum is left out: it is not here"))
    rate = kept.get("learning_rate", kept.get("lr"))
    if rate is not None and type(rate) not in (int, float):
        kept.pop("learning_rate", None)
        kept.pop("lr", None)
        first = rate.names.get("__rate__") if isinstance(rate, Instance) else None
        if type(first) in (int, float):
            kept["learning_rate"] = first
        else:
            asked.warn(run, f"{name}'s rate", RATE, node)
    for word in ("amsgrad", "maximize", "centered", "dampening", "use_ema"):
        if kept.pop(word, None):
            run.notes.append(
                tr(
                    "warning: {name}'s {word} is left out: it is not here",
                    name=name,
                    word=word,
                )
            )
    if (value := kept.pop("global_clipnorm", None)) is not None:
        asked.limit(run, value, "global_clipnorm", node)
    for word in ("clipnorm", "clipvalue"):
        if kept.pop(word, None):
            asked.warn(run, word, CLIPPED, node)
    return kept


def _weighted(run: Interpreter, item: Item, name: str) -> Item:
    """Note what weight_decay is where the optimiser has none of its own.

    PyTorch adds it to the gradient; Keras takes it from the weights, as AdamW does.
    """
    if item.kind == "adamw" or not item.arguments.get("weight_decay"):
        return item
    if run.library == "keras" and item.kind == "adam":
        run.notes.append(
            tr("Keras takes Adam's weight_decay from the weights: AdamW is the same")
        )
        return Item("adamw", item.arguments, item.span, item.name)
    strength = item.arguments["weight_decay"]
    run.notes.append(
        tr(
            "{name}'s weight_decay={strength} adds {strength} θ to every "
            "gradient, biases too, as PyTorch does; the loss shown is without it",
            name=name,
            strength=f"{strength:g}",
        )
    )
    return item


def _schedule(
    run: Interpreter, name: str, args: list[Any], keywords: Keywords
) -> tuple[list[Any], dict[str, Any]]:
    kept = {k: v for k, v in keywords.items() if k not in ("optimizer", "verbose")}
    if name == "CosineAnnealingLR":
        return [], {}
    return args, kept


KINDS: dict[str, Mapping[str, Spelling]] = {
    "loss": LOSSES,
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
}
