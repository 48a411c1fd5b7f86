"""Methods of a library's class that a class of the text derives from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.program.array_values import Data
from gradtutor.language.program.data.attributes import Parent
from gradtutor.language.program.values import (
    Functional,
    Instance,
    Stack,
)

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.language.program.walking.handlers import Keywords, Table


def _parent_start(
    run: Interpreter, owner: Parent, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Call the constructor of a library's class: of Sequential, with its layers."""
    if isinstance(owner.instance, Instance) and owner.cls and args:
        names = [base.name for base in owner.cls.libraries()]
        if "Sequential" in names:
            owner.instance.names["__stack__"] = Stack(list(args), run.span(node))
        elif layer := own_layer(run, owner.instance, args, keywords, node):
            owner.instance.names["__layer__"] = layer
        elif len(args) == 2:
            owner.instance.names["__functional__"] = Functional(args[0], args[1])
    return None


def own_layer(
    run: Interpreter, instance: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Make the library's layer that a class of the text derives from, if it does."""
    bases = instance.cls.libraries() if instance.cls else ()
    for base in bases:
        if base.name in LAYERS:
            made = run.call(base, args, keywords, node)
            run.found.parts.add(id(made))
            return made
    return None


def _parent_forward(
    run: Interpreter, owner: Parent, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Call forward of the library's layer that a class of the text derives from."""
    names = owner.instance.names if isinstance(owner.instance, Instance) else {}
    for part in ("__layer__", "__stack__", "__functional__"):
        if part in names:
            return run.call(names[part], args, keywords, node)
    return Data()


PARENTS: Table = {
    "__init__": _parent_start,
    **dict.fromkeys(("forward", "call", "__call__"), _parent_forward),
}
