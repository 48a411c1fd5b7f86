"""Losses that a program calls at once: F.cross_entropy(output, target)."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.training import LOSS_WORDS, LOSSES
from gradtutor.language.program.models import settings
from gradtutor.language.program.values import Library, Setting

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]
#: Losses as functions of an output and a target.
FUNCTIONAL_LOSSES = {name for name in LOSSES if name.islower()}


def functional_loss(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """F.cross_entropy(output, target): a loss that is called at once."""
    setting = settings.make_setting(run, called.name, args[2:], keywords, node)
    return run.call(setting, args[:2], {}, node)


#: Keras's and TensorFlow's losses as functions of the truth and a prediction.
KERAS_FUNCTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    **{word: (name, {}) for word, name in LOSS_WORDS.items()
       if word not in FUNCTIONAL_LOSSES},
    "sigmoid_cross_entropy_with_logits": ("BinaryCrossentropy", {"from_logits": True}),
    **dict.fromkeys(
        ("sparse_softmax_cross_entropy_with_logits",
         "softmax_cross_entropy_with_logits", "softmax_cross_entropy_with_logits_v2"),
        ("SparseCategoricalCrossentropy", {"from_logits": True})),
    **dict.fromkeys(
        ("sparse_categorical_crossentropy_loss", "sparse_categorical_crossentropy"),
        ("SparseCategoricalCrossentropy", {})),
}  # fmt: skip
TRUTHS, PREDICTIONS = ("labels", "y_true", "target"), ("logits", "y_pred", "output")


def keras_loss(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Note binary_crossentropy(truth, prediction): a loss that is called at once."""
    name, facts = KERAS_FUNCTIONS[called.name]
    words = dict(keywords)
    truth = next((words.pop(k) for k in TRUTHS if k in words), None)
    found = next((words.pop(k) for k in PREDICTIONS if k in words), None)
    truth = args.pop(0) if truth is None and args else truth
    found = args.pop(0) if found is None and args else found
    if words.get("from_logits") is True:
        facts = {"from_logits": True}
    made = settings.make_setting(run, name, [], facts, node)
    item = replace(made.item, arguments={**made.item.arguments, "rows": True})
    named = Setting(made.kind, item, called.name)
    return run.call(named, [found, truth], {}, node)
