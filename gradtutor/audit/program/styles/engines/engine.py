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
    Expr,
    Leaf,
    Ref,
)
from gradtutor.audit.program.source import Program

#: A class of values has one of these.
OPERATORS = {"__add__", "__mul__", "__sub__", "__truediv__"}


@dataclass(frozen=True)
class Engine:
    """A class of values: its name, what holds the number, the gradient, the pass.

    Attributes
    ----------
    outside : bool
        Whether its operators are functions that are checked on their own.
    """

    cls: str
    data: str
    grad: str
    run: str
    arrays: bool = False
    outside: bool = False

    def made(self, name: str) -> Bind:
        """Make a value of a number."""
        return Bind(f"v_{name}", self.of(Leaf(name)))

    def of(self, number: Expr) -> Expr:
        """Make a value of what is given."""
        given = Call(Ref("array_of"), (number,)) if self.arrays else number
        return Call(Ref(self.cls), (given,))


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
    outside = f"{cls}.__mul__" not in program.functions and "__mul__" in kind.methods
    if not (data and grad and run):
        return None
    return Engine(cls, data, grad, run, arrays or outside, outside)
