"""A home-made scalar engine: a class of values whose operators keep ``_backward``.

Every operator is checked on its own, then expressions in which a value is used twice
(``+=``) and in which the order of the backward pass matters.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from gradtutor.audit.program.calls import (
    Bind,
    Call,
    Leaf,
    Ref,
)
from gradtutor.audit.program.source import Program

#: A class of values has one of these.
OPERATORS = {"__add__", "__mul__", "__sub__", "__truediv__"}


@dataclass(frozen=True)
class Engine:
    """A class of values: its name, what holds the number, the gradient, the pass."""

    cls: str
    data: str
    grad: str
    run: str
    arrays: bool = False

    def made(self, name: str) -> Bind:
        """Make a value of a number."""
        return Bind(f"v_{name}", Call(Ref(self.cls), (Leaf(name),)))


def engine_of(program: Program, cls: str) -> Engine | None:
    """Return the engine that a class is, or None."""
    kind = next(kind for kind in program.kinds if kind.name == cls)
    init = program.functions.get(f"{cls}.__init__")
    if init is None or init.node is None or not OPERATORS & set(kind.methods):
        return None
    stored = {
        node.attr
        for node in ast.walk(init.node)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    data = next((n for n in ("data", "value", "val", "x", "v") if n in stored), None)
    grad = next(
        (n for n in ("grad", "gradient", "g", "derivative", "adjoint") if n in stored),
        None,
    )
    run = next(
        (n for n in ("backward", "backprop", "backpropagate") if n in kind.methods),
        None,
    )
    arrays = bool(re.search(r"np\.\w*array|ndarray", ast.unparse(init.node)))
    return Engine(cls, data, grad, run, arrays) if data and grad and run else None
