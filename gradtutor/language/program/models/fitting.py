"""Training as a program has it: compile and fit, optimisers, loaders, loops."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Guess, Item, Known, read_item
from gradtutor.language.layers.spellings import Spelling
from gradtutor.language.layers.training import (
    LOSS_WORDS,
    LOSSES,
    NEAR_OPTIMISERS,
    NEAR_WORDS,
    OPTIMISER_WORDS,
    OPTIMISERS,
    SCHEDULE_WORDS,
    SCHEDULES,
)
from gradtutor.language.program import asked
from gradtutor.language.program.data import arrays, tables
from gradtutor.language.program.data.guessing import guessed
from gradtutor.language.program.nearest import CLIPPED, EVEN, RATE
from gradtutor.language.program.values import (
    Data,
    Function,
    Instance,
    Library,
    Method,
    Parameters,
    Setting,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]


# ---- losses, optimisers and schedules as objects ----


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
        return _near_optimiser(run, name, args, keywords, node)
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
        keywords = _legacy(run, name, keywords, node)
    if kind == "schedule":
        args, keywords = _schedule(run, name, args, keywords)
    read = call_node(node, name, args, keywords, partial(guessed, run))
    item = read_item(run.source, read, table)
    if more:
        item = Item(item.kind, {**item.arguments, **more}, item.span, item.name)
    owned = owned if kind == "optimiser" else None
    made = Setting(kind, _weighted(run, item, name), text, model, owned)
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


def _near_optimiser(
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
    if kept.pop("reduction", "mean") == "sum":
        more["sum"] = True
    elif keywords.get("reduction") == "none":
        more["each"] = True
    for word, key in (("weight", "class_weights"), ("pos_weight", "pos_weight")):
        numbers = tables.numbers_of(kept.get(word))
        both = "smoothing" in more and key == "pos_weight"
        if numbers is not None and numbers.ndim < 2 and not both:
            more[key] = tuple(map(float, numbers.reshape(-1)))
            kept.pop(word)
    for word in ("weight", "pos_weight", "ignore_index", "size_average"):
        if kept.pop(word, None) is not None and word != "size_average":
            run.notes.append(
                tr("warning: {name}'s {word} is left out: it is not here",
                   name=name, word=word)
            )  # fmt: skip
    return kept, more


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
    """Note what PyTorch's weight_decay is where the optimiser has none of its own."""
    if item.kind == "adamw" or not item.arguments.get("weight_decay"):
        return item
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
        return make_setting(run, name, [], {}, node) if name else None
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
        near = _near_optimiser(run, NEAR_WORDS[value.lower()], [], {}, node)
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


def _of_outputs(run: Interpreter, owner: Any, given: Keywords) -> None:
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


# ---- methods of models that train them ----


def _compile(
    run: Interpreter, owner: Any, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """model.compile(optimizer=..., loss=..., metrics=...)."""
    given = {**dict(zip(("optimizer", "loss"), args, strict=False)), **keywords}
    words = {one.arg: one.value for one in getattr(node, "keywords", [])}
    run.found.trained.append(owner)
    for key, kind in (("optimizer", "optimiser"), ("loss", "loss")):
        if given.get(key) is None:
            continue
        setting = from_word(run, kind, given[key], words.get(key, node))
        if setting is not None:
            run.found.compiled[kind] = setting
    _of_outputs(run, owner, given)
    return None


def _fit(
    run: Interpreter, owner: Any, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """model.fit(x, y, batch_size, epochs, ...): Keras's order of arguments."""
    names = ("x", "y", "batch_size", "epochs")
    given = {**dict(zip(names, args, strict=False)), **keywords}
    words = {one.arg: one.value for one in getattr(node, "keywords", [])}
    run.found.trained.append(owner)
    run.found.steps += 1
    epochs = given.get("epochs", given.get("nb_epoch"))
    if type(epochs) is int:
        run.found.epochs = epochs
    if type(given.get("batch_size")) is int:
        run.found.batch_size = given["batch_size"]
    if isinstance(given.get("x"), Data):
        run.found.examples.setdefault(id(owner), []).append(given["x"])
    if given.get("sample_weight") is not None:
        asked.warn(run, "sample_weight", EVEN, words.get("sample_weight", node))
    if given.get("validation_split") is not None:
        run.notes.append(
            tr(
                "validation_split is left out: gradtutor train sets its own part of "
                "the data aside"
            )
        )
    for callback in _listed(given.get("callbacks")):
        if isinstance(callback, Instance) and "__patience__" in callback.names:
            run.found.stop_early = callback.names["__patience__"]
    _class_weight(run, given.get("class_weight"))
    return Data()


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


#: Classes that a dictionary of weights may name.
MOST_CLASSES = 100_000


def _class_weight(run: Interpreter, given: Any) -> None:
    """Note class_weight={0: 1.0, 1: 3.5}: what an example of each class counts.

    A class that is not in it counts 1.
    """
    if given is None:
        return
    numbers = list(given.values()) if isinstance(given, dict) else []
    keys = list(given) if isinstance(given, dict) else []
    if numbers and all(type(key) is int and 0 <= key < MOST_CLASSES for key in keys):
        plain = [given.get(key, 1.0) for key in range(max(keys) + 1)]
        if all(isinstance(one, int | float) for one in plain):
            run.found.class_weight = tuple(map(float, plain))
            return
    run.notes.append(tr("warning: class_weight is left out: its numbers are not in "
                        "the text"))  # fmt: skip


def _parameters(
    run: Interpreter, owner: Any, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return Parameters(owner)


TRAINING = {
    "compile": _compile,
    "fit": _fit,
    "fit_generator": _fit,
    "parameters": _parameters,
    "trainable_parameters": _parameters,
}


# ---- methods of optimisers and losses ----


def _step(
    run: Interpreter, owner: Setting, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    if args and isinstance(args[0], Function):  # closure, as LBFGS wants it
        run.call(args[0], [], {}, node)
    if owner.kind == "optimiser":
        run.train_step()
    return None


SETTINGS = {"step": _step, "apply_gradients": _step, "minimize": _step}


# ---- loaders and callbacks ----


def _examples(run: Interpreter, dataset: Any) -> Any:
    """Return a data set with its examples; of the text's own class, its first item."""
    cls = dataset.cls if isinstance(dataset, Instance) else None
    item = cls.method("__getitem__") if cls is not None else None
    if not isinstance(item, Function) or "__examples__" in dataset.names:
        return dataset
    row = run.call(Method(dataset, item), [0], {}, item.node)  # type: ignore[arg-type]
    rows = row if isinstance(row, tuple | list) else (row,)
    known = tuple(one if isinstance(one, Data) else Data() for one in rows)
    return Instance(None, {"__examples__": known})


def data_loader(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Instance:
    """DataLoader(dataset, batch_size=64, ...): its batches, and their size."""
    dataset = args[0] if args else keywords.get("dataset")
    size = args[1] if len(args) > 1 else keywords.get("batch_size")
    if type(size) is int and run.found.batch_size is None:
        run.found.batch_size = size
    rows = arrays.batches(_examples(run, dataset))
    return Instance(None, {"__batches__": rows, "dataset": dataset, "batch_size": size})


def loader_of(run: Interpreter, owner: Any) -> Instance | None:
    """Return the loader that a Lightning module or its data have."""
    if not isinstance(owner, Instance) or "__batches__" in owner.names:
        return owner if isinstance(owner, Instance) else None
    if owner.cls is None or owner.cls.method("train_dataloader") is None:
        return None
    for name, args in (("prepare_data", []), ("setup", ["fit"])):
        if owner.cls.method(name) is not None:
            run.call(Method(owner, owner.cls.method(name)), args, {}, owner.cls.node)
    made = run.call(
        Method(owner, owner.cls.method("train_dataloader")), [], {}, owner.cls.node
    )
    return made if isinstance(made, Instance) else None


def early_stopping(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Instance:
    """EarlyStopping(monitor="val_loss", patience=4)."""
    patience = keywords.get("patience", args[2] if len(args) > 2 else 0)
    return Instance(None, {"__patience__": patience if type(patience) is int else 0})
