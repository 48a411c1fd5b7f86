"""Training as a program has it: compile and fit, the steps of optimisers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.models.words import from_word, of_outputs
from gradtutor.language.program.values import Function, Instance, Parameters, Setting
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]


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
    of_outputs(run, owner, given)
    kept = {key: set(words) for key, words in run.frozen.items()}
    run.found.compiled_by[id(owner)] = (dict(run.found.compiled), kept)
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
    rounds = _rounds(run) if epochs in (None, 1) else None
    if type(epochs) is int or rounds:
        run.found.epochs = rounds or epochs
    if type(given.get("batch_size")) is int:
        run.found.batch_size = given["batch_size"]
    if isinstance(given.get("x"), Data):
        run.found.examples.setdefault(id(owner), []).append(given["x"])
    if given.get("sample_weight") is not None:
        run.found.sample_weight = words.get("sample_weight", node)
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


def _rounds(run: Interpreter) -> int | None:
    """Return how often the one loop around goes round, fitting one epoch each time."""
    if len(run.loops) != 1 or run.loops[0].over_data or run.loops[0].drawn:
        return None
    return run.loops[0].count


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
        run.note_step(owner.model)
        run.train_step()
    return None


SETTINGS = {"step": _step, "apply_gradients": _step, "minimize": _step}
