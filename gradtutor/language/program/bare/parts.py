"""Which class, and which of its arrays, a network is; refused where it is unclear."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.values import Class, Function, Instance
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Words in the names of arrays that are no weights.
CONSTANT = ("mean", "std", "var", "running", "mu", "sigma", "mask", "scale", "noise",
            "dropout")  # fmt: skip


def check_alone(run: Interpreter, cls: Class) -> None:
    """Refuse a class whose objects are parts of something larger in the text."""
    for node in ast.walk(run.source.tree):
        inside: list[ast.AST] = []
        match node:
            case ast.ClassDef(name, body=body) if name != cls.name:
                inside = [*body]
            case ast.List(parts) | ast.Tuple(parts):
                inside = [*parts]
            case ast.ListComp(part) | ast.GeneratorExp(part) | ast.DictComp(value=part):
                inside = [part]
            case ast.Dict(values=values):
                inside = [*values]
            case ast.Call(ast.Attribute(attr="append" | "add"), parts):
                inside = [*parts]
        for one in inside:
            if any(_makes(part, cls.name) for part in ast.walk(one)):
                message = tr(
                    "{name} is made here as a part of something larger, which is not "
                    "read",
                    name=cls.name,
                )
                hint = tr("write the network as one class that holds its arrays")
                raise run.fail(message, one, hint)
    made = [one for one in ast.walk(run.source.tree) if _makes(one, cls.name)]
    if len(made) > 1:
        message = tr("{name} is made more than once: which is the network is not read",
                     name=cls.name)  # fmt: skip
        hint = tr("write the network as one class that holds its arrays")
        raise run.fail(message, made[1], hint)


def _makes(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == name


def check_rivals(run: Interpreter, found: list[Class | Function]) -> None:
    """Refuse to choose between classes and functions that may each be the network."""
    if len(found) > 1:
        message = tr(
            "{names} may each be the network: which is, is not read",
            names=", ".join(one.name for one in found),
        )
        hint = tr("leave one in the file, or write the network as a class of nn.Module")
        raise run.fail(message, found[-1].node, hint)


# ---- the arrays ----


def check_moved(run: Interpreter, model: Instance, forward: Function) -> None:
    """Refuse an array that the output needs and that may be no weight.

    Where the text moves some of the arrays, it is one that it does not move; where it
    moves none, one whose name is of statistics, or that starts as other numbers than
    drawn ones and zeros.
    """
    arrays = {
        name
        for name, value in model.names.items()
        if isinstance(value, Data | Filled)
        or (isinstance(value, list | dict) and value)
    }
    made = {
        one.attr
        for one in ast.walk(forward.node)
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)
    }
    moved = _moved(run) & arrays
    for one in ast.walk(forward.node):
        if not isinstance(one, ast.Attribute) or one.attr not in arrays - made:
            continue
        value, words = model.names[one.attr], one.attr.lower().split("_")
        held = value if isinstance(value, list | dict) else [value]
        parts = list(held.values()) if isinstance(held, dict) else held
        if not any(isinstance(part, Data | Filled) for part in parts):
            continue
        odd = isinstance(value, Filled) and value.value != 0
        if (one.attr not in moved) if moved else (odd or {*words} & {*CONSTANT}):
            message = tr(
                "whether {name} is a weight or a constant is not in the text",
                name=ast.unparse(one),
            )
            hint = tr("write the step that moves the weights: self.W -= rate * dW")
            raise run.fail(message, one, hint)


def _moved(run: Interpreter) -> set[str]:
    """Return the attributes that a text takes steps with."""
    found: set[str] = set()
    for node in ast.walk(run.source.tree):
        match node:
            case ast.AugAssign(target, ast.Add() | ast.Sub()):
                found |= _attributes(target)
            case ast.Assign([target], ast.BinOp(left, ast.Add() | ast.Sub())) if (
                ast.unparse(target) == ast.unparse(left)
            ):
                found |= _attributes(target)
            case ast.Assign([target], ast.ListComp(ast.BinOp(_, ast.Sub()))):
                found |= _attributes(target)
            case ast.For(target, several, body):
                names = {
                    one.id for one in ast.walk(target) if isinstance(one, ast.Name)
                }
                steps = (one for part in body for one in ast.walk(part))
                for one in steps:
                    if isinstance(one, ast.AugAssign) and names & {
                        part.id
                        for part in ast.walk(one.target)
                        if isinstance(part, ast.Name)
                        and isinstance(part.ctx, ast.Store)
                    }:
                        found |= _attributes(several)
    return found


def _attributes(node: ast.AST) -> set[str]:
    return {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
