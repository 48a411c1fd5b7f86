"""A method that takes steps after another one has computed the output."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradtutor.audit.program.naming import FORWARD


def forward_first(
    node: ast.FunctionDef, cls: str, sides: Sequence[str], tree: ast.Module
) -> str | None:
    """Return the statements that compute the output first; empty: it does so itself.

    ``self.feedforward()`` before ``backprop(self)``, which reads ``self.output``;
    ``o = self.forward(X)`` before ``backward(self, X, y, o)``. None where what
    forward takes is not there.
    """
    methods = _methods(tree, cls)
    if not methods or not sides or _sets(node, sides[0]):
        return ""
    forward = next(
        (methods[n] for n in FORWARD if n in methods and methods[n] is not node), None
    )
    if forward is None:
        return ""
    own = [a.arg for a in node.args.args]
    wanted = [a.arg for a in forward.args.args][1:]
    required = wanted[: len(wanted) - len(forward.args.defaults)]
    given = [_given(name, own, sides) for name in required]
    if not all(given):
        return None
    called = f"self.{forward.name}({', '.join(given)})"
    if "." in sides[0] and _sets(forward, sides[0]):
        return called
    return f"{sides[0]} = {called}" if _is_name(sides[0]) else None


def _methods(tree: ast.Module, cls: str) -> dict[str, ast.FunctionDef]:
    return {
        inner.name: inner
        for item in tree.body
        if isinstance(item, ast.ClassDef) and item.name == cls
        for inner in item.body
        if isinstance(inner, ast.FunctionDef)
    }


def _given(name: str, own: Sequence[str], sides: Sequence[str]) -> str:
    """Return what forward's argument is in the method: by name, or its first one."""
    if name in own:
        return name
    others = [n for n in own[1:] if n not in sides]
    return others[0] if others else ""


def _sets(node: ast.FunctionDef, text: str) -> bool:
    """Whether a function gives a value to a name or to an attribute."""
    return any(
        isinstance(inner, ast.Name | ast.Attribute)
        and isinstance(inner.ctx, ast.Store)
        and ast.unparse(inner) == text
        for inner in ast.walk(node)
    )


def _is_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))
