"""Initialisers as objects: each makes an array of the sizes it is called with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.data.new_arrays import shape_of
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import Instance, Library

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Where an object keeps that it is an initialiser, and which.
START = "__start__"


def of_initialisers(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: Any,
) -> Any:
    """tf.random_normal_initializer(), keras.initializers.Zeros(), JAX's too."""
    inside = "initializers" in called.path.split(".")[:-1]
    if not inside and not called.name.endswith("_initializer"):
        return UNREAD
    return Instance(None, {START: called.name})


def started(initialiser: Instance, args: Any, keywords: Mapping[str, Any]) -> Any:
    """Return the array that an initialiser makes: ``start(shape=(3, 4))``."""
    shape = keywords.get("shape")
    lists = [one for one in args if isinstance(one, list | tuple)]
    sizes = shape_of([lists[0] if shape is None and lists else shape], {})
    word = str(initialiser.names[START]).lower()
    known = sizes is not None and all(isinstance(one, int) for one in sizes)
    if known and word.startswith(("zeros", "ones")):
        return Filled(sizes or (), 0.0 if word.startswith("zeros") else 1.0)
    return Data(sizes)
