"""What a decorator makes of a function: a class's method, a gradient."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.values import Class, Function, Gradient

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Decorators that give a class a method: d2l's, fastcore's.
ADDING = ("add_to_class", "patch_to", "patch")
#: What takes a function to its gradient, put above it without arguments.
GRADIENTS = ("grad", "value_and_grad", "filter_grad", "filter_value_and_grad")


def decorated(run: Interpreter, function: Function) -> Any:
    """Return what a name stands for whose function has decorators."""
    for mark in reversed(getattr(function.node, "decorator_list", [])):
        called = mark.func if isinstance(mark, ast.Call) else mark
        name = getattr(called, "attr", getattr(called, "id", ""))
        if name in ADDING:
            _add(run, function, mark)
        elif name in GRADIENTS and not isinstance(mark, ast.Call):
            return Gradient(function, value="value" in name)
    return function


def _add(run: Interpreter, function: Function, mark: ast.expr) -> None:
    """Give a class a method; fastcore's ``patch`` takes the first argument's class."""
    given = mark.args[0] if isinstance(mark, ast.Call) and mark.args else None
    if given is None and function.node.args.args:
        given = function.node.args.args[0].annotation
    owner = run.evaluate(given, function.scope) if given is not None else None
    if isinstance(owner, Class):
        give_method(owner, function.name, function)


def give_method(owner: Class, name: str, function: Function) -> None:
    """Make a function a method of a class of the text."""
    owner.names[name] = replace(function, owner=owner, name=name)
