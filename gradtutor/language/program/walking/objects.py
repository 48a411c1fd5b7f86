"""Methods of objects: modules, trainers, options, data sets, Flax's models."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.data.containers import as_size
from gradtutor.language.program.models import loaders
from gradtutor.language.program.models.other import d2l
from gradtutor.language.program.models.other.environments import after_step, state_of
from gradtutor.language.program.models.other.fastai import fitted
from gradtutor.language.program.models.other.initialisers import START
from gradtutor.language.program.values import (
    Instance,
)
from gradtutor.language.program.weights import run_weight

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.language.program.walking.handlers import Keywords, Table


def _add_module(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    if len(args) == 2 and isinstance(args[0], str):
        owner.names[args[0]] = args[1]
        run.found.parts.add(id(args[1]))
    return None


def _add_weight(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Return a Keras layer's own weight: add_weight(shape=(n, m), ...)."""
    given = [one for one in args if isinstance(one, list | tuple)]
    shape = keywords.get("shape", given[0] if given else ())
    start = keywords.get("initializer", "uniform")
    if isinstance(start, Instance):
        start = start.names.get(START, "uniform")
    word = start if isinstance(start, str) else getattr(start, "name", "uniform")
    if keywords.get("trainable") is False:
        return Filled(tuple(as_size(one) for one in shape))
    return run_weight(run, shape, node, word)


def _add_argument(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Note an option's default: that is its value here."""
    words = [one for one in args if isinstance(one, str)]
    long = next(
        (one for one in words if one.startswith("--")), words[0] if words else ""
    )
    name = keywords.get("dest") or long.lstrip("-").replace("-", "_")
    action = keywords.get("action")
    usual = {"store_true": False, "store_false": True}.get(action)  # type: ignore[arg-type]
    owner.names[str(name)] = keywords.get("default", usual)
    return Data()


def _save_hyperparameters(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Keep what an object was made with: Lightning's hparams, d2l's attributes."""
    given = {k: v for k, v in run.starts.get(id(owner), {}).items() if k[:1] != "_"}
    owner.names["hparams"] = Instance(None, dict(given))
    for name, value in given.items():
        owner.names.setdefault(name, value)
    return None


def _batched(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """tf.data's batch(32): the same data, their batches' size noted."""
    size = args[0] if args else keywords.get("batch_size")
    if type(size) is int and "__batches__" in owner.names:
        run.found.batch_size = size
    return owner


def _trainer_fit(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """trainer.fit(model, loader): Lightning's training."""
    given = {
        **dict(zip(("model", "train_dataloaders"), args, strict=False)),
        **keywords,
    }
    if "__learner__" in owner.names:
        return fitted(run, owner, args, keywords, node)
    model, loader = given.get("model"), given.get("train_dataloaders")
    loader = given.get("train_dataloader", given.get("datamodule", loader))
    if "__trainer__" in owner.names and isinstance(model, Instance):
        if run.found.epochs is None:
            run.found.epochs = owner.names["__trainer__"]
        loader = loaders.loader_of(run, loader) or loaders.loader_of(run, model)
        if loader is not None:
            model.names["__loader__"] = loader.names.get("__batches__")
        run.found.trained.append(model)
        if d2l.is_d2l(model):
            d2l.fitted(run, model, node)
    elif "__estimator__" in owner.names:
        run.found.trained.append(owner.names["__estimator__"])
    return Data()


def _transformed(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Return what a scaler makes of data: as many columns as before."""
    same = "__same__" in owner.names and args and isinstance(args[0], Data)
    return args[0] if same else Data()


def _self(
    run: Interpreter, owner: Any, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return owner


def _learned(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """learn.fit_one_cycle(5, 0.01) of fastai; of anything else nothing is known."""
    known = "__learner__" in owner.names
    return fitted(run, owner, args, keywords, node) if known else Data()


def _updated(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """state.apply_gradients(grads=grads) of Flax: the same state, one step on."""
    return owner


def _is_flax(owner: Instance) -> bool:
    bases = owner.cls.libraries() if owner.cls else ()
    return any(base.root in ("flax", "haiku", "hk") for base in bases)


def _init(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """model.init(key, x) of Flax and Haiku: parameters for an example of that shape."""
    if _is_flax(owner):
        run.call(owner, args[1:], {}, node)
    return Data()


def _apply(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """model.apply(params, x) of Flax calls the model; PyTorch's gives it back."""
    if not _is_flax(owner):
        return owner
    words = {k: v for k, v in keywords.items() if k not in ("rngs", "mutable")}
    leading = owner.names.get("__leading__", 1)  # parameters, a state, a key
    return run.call(owner, args[leading:], words, node)


def _reset(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """env.reset() and env.step(action) of Gym: a state, of so many numbers."""
    if "__state__" not in owner.names:
        return Data()
    called = getattr(getattr(node, "func", None), "attr", "reset")
    return state_of(owner) if called == "reset" else after_step(owner)


OBJECTS: Table = {
    **dict.fromkeys(("reset", "step"), _reset),
    "add_module": _add_module,
    "register_module": _add_module,
    "register_buffer": _add_module,
    "register_parameter": _add_module,
    "add_weight": _add_weight,
    "add_argument": _add_argument,
    "fit": _trainer_fit,
    **dict.fromkeys(
        ("fit_one_cycle", "fine_tune", "fit_flat_cos", "fit_sgdr"), _learned
    ),
    "apply_gradients": _updated,
    "init": _init,
    "apply": _apply,
    "save_hyperparameters": _save_hyperparameters,
    "batch": _batched,
    **dict.fromkeys(
        (
            "shuffle",
            "prefetch",
            "cache",
            "repeat",
            "take",
            "skip",
            "map",
            "with_options",
            "unbatch",
            "filter",
        ),
        _self,
    ),
    "parse_args": _self,
    **dict.fromkeys(("fit_transform", "transform"), _transformed),
    "parse_known_args": lambda run, owner, *_: (owner, []),
    "add_argument_group": _self,
}
