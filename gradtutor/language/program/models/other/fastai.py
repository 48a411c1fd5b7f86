"""fastai: a Learner holds the model, its loss and how it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.models import settings, words
from gradtutor.language.program.models.building import MAKERS
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import MODELS, Instance, Library, Setting

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]


def of_fastai(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Read sequential(...) and Learner(dls, model, loss_func=..., opt_func=...)."""
    if "fastai" not in run.imported:
        return UNREAD
    if called.name == "sequential":
        return MAKERS["Sequential"](run, args, keywords, node)
    if called.name.endswith("CrossEntropyLossFlat"):
        return settings.make_setting(run, "CrossEntropyLoss", [], {}, node)
    if called.name == "MSELossFlat":
        return settings.make_setting(run, "MSELoss", [], {}, node)
    return _learner(run, args, keywords, node) if called.name == "Learner" else UNREAD


def _learner(run: Interpreter, args: list[Any], keywords: Keywords, node: Any) -> Any:
    names = ("dls", "model", "loss_func", "opt_func", "lr")
    given = dict(zip(names, args, strict=False)) | dict(keywords)
    model = given.get("model")
    if not isinstance(model, MODELS):
        return UNREAD
    run.found.trained.append(model)
    for key, kind in (("loss_func", "loss"), ("opt_func", "optimiser")):
        value = given.get(key)
        if isinstance(value, Setting | Library):
            setting = words.from_word(run, kind, value, node)
            run.found.compiled |= {kind: setting} if setting is not None else {}
    rate = given.get("lr")
    return Instance(None, {"__learner__": rate, "model": model, "opt": Data()})


def fitted(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """learn.fit(5, 0.01), learn.fit_one_cycle(5, lr_max=0.01): epochs and rate."""
    if "__learner__" not in owner.names:
        return UNREAD
    epochs = keywords.get("n_epoch", args[0] if args else None)
    if type(epochs) is int:
        run.found.epochs = epochs
    words = ("lr", "lr_max", "base_lr")
    rates = [keywords[k] for k in words if k in keywords]
    rate = next(iter([*args[1:2], *rates]), owner.names["__learner__"])
    optimiser = run.found.compiled.get("optimiser")
    if type(rate) is float:
        name = optimiser.item.name if optimiser else "Adam"
        made = settings.make_setting(run, name, [], {"lr": rate}, node)
        run.found.compiled["optimiser"] = made
    run.found.steps += 1
    return Data()
