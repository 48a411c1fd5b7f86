"""Which loss, optimiser and schedule of a program are meant."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.models.by_hand import by_hand
from gradtutor.language.program.models.called_losses import (
    FUNCTIONAL_LOSSES,
    KERAS_FUNCTIONS,
)
from gradtutor.language.program.models.settings import make_setting
from gradtutor.language.program.models.words import from_word
from gradtutor.language.program.values import (
    Function,
    Setting,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


#: Names that a loss, an optimiser or a schedule has where it is only assigned.
SETTING_NAMES = {
    "loss": ("loss", "criterion", "loss_fn", "loss_function"),
    "optimiser": ("optimizer", "optimiser", "opt"),
    "schedule": ("schedule", "scheduler", "lr_scheduler"),
}


def chosen_setting(run: Interpreter, kind: str, model: Any = None) -> Setting | None:
    """Return the loss, the optimiser or the schedule that a model's training uses."""
    if kind in run.found.compiled:
        return run.found.compiled[kind]
    if kind == "loss" and run.found.losses_used:
        first = run.found.losses_used[0]
        if run.found.changed_loss:
            run.notes.append(
                tr("warning: the text minimises more than {name} of one output: only "
                   "that is read", name=first.item.name)
            )  # fmt: skip
        return first
    for name in SETTING_NAMES[kind]:
        value = run.scope.find(name)
        if isinstance(value, str) and (setting := _worded(run, kind, value, name)):
            return setting
    given = [one for one in run.found.settings if one.kind == kind]
    own = [one for one in given if model is not None and one.model is model]
    given = own if own and kind == "optimiser" else given
    if not given and kind == "loss":
        return _loss_in_text(run)
    if not given and kind == "optimiser":
        return by_hand(run)
    return given[-1] if given else None


def _worded(run: Interpreter, kind: str, value: str, name: str) -> Setting | None:
    """Read ``loss = "mse"``, at the place of the word."""
    for node in ast.walk(run.source.tree):
        match node:
            case ast.Assign(targets=[ast.Name(one)], value=ast.Constant() as word):
                if one == name and word.value == value:
                    return from_word(run, kind, value, word)
    return None


def _loss_in_text(run: Interpreter) -> Setting | None:
    """Return a loss that is called somewhere the walk does not come by."""
    for node in ast.walk(run.source.tree):
        func = node.func if isinstance(node, ast.Call) else None
        name = getattr(func, "attr", getattr(func, "id", ""))
        if isinstance(run.scope.find(getattr(func, "id", "")), Function):
            continue  # the text's own, which only goes by that name
        if name in KERAS_FUNCTIONS and run.library == "keras" and func is not None:
            word, facts = KERAS_FUNCTIONS[name]
            words = {one.arg: one.value for one in getattr(node, "keywords", [])}
            logits = getattr(words.get("from_logits"), "value", None)
            given = {"from_logits": True} if logits is True else facts
            made = make_setting(run, word, [], given, node)
            return Setting(made.kind, made.item, name)
        if name in FUNCTIONAL_LOSSES and len(getattr(node, "args", [])) >= 2:
            if _is_added_to(run.source.tree, node):
                run.notes.append(
                    tr(
                        "the loss is {name}, as it stands in the text: what is added "
                        "to it there is not read",
                        name=name,
                    )
                )
            return make_setting(run, name, [], {}, node)
    return None


def _is_added_to(tree: ast.AST, call: ast.AST) -> bool:
    """Whether a sum has a loss's call, or the name that is given to it, as a part."""
    names = {
        getattr(target, "id", "")
        for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and one.value is call
        for target in one.targets
    } - {""}
    parts: list[ast.AST] = []
    for one in ast.walk(tree):
        match one:
            case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult(), right):
                parts += [left, right]
            case ast.AugAssign(target, ast.Add() | ast.Sub() | ast.Mult()):
                parts.append(target)
    return any(one is call or getattr(one, "id", None) in names for one in parts)
