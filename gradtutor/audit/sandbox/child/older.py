"""Code for older versions of NumPy: names that are gone, numbers in brackets.

``np.float`` and ``np.product`` were taken out, and ``float(b)`` of an array with one
number of more than no axes is an error; courses' files still have them.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

NUMBER = "__gradtutor_number__"
GONE: dict[str, Any] = {
    "float": float,
    "int": int,
    "object": object,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "asscalar": lambda a: a.item(),
    "float_": np.float64,
    "Inf": np.inf,
    "NaN": np.nan,
    "mat": np.asmatrix,
    "in1d": np.isin,
    "trapz": getattr(np, "trapezoid", None),
    "row_stack": np.vstack,
}


def restore() -> None:
    """Give NumPy the names back that older code reads."""
    for name, value in GONE.items():
        if name not in vars(np):
            setattr(np, name, value)


def number(kind: type, value: Any) -> Any:
    """Return ``float(value)`` or ``int(value)``; of one number in brackets as well."""
    if isinstance(value, np.ndarray) and value.size == 1:
        return kind(value.item())
    return kind(value)


class Unbracketed(ast.NodeTransformer):
    """Turns ``float(b)`` into a call that takes one number in brackets."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Turn a call with one argument."""
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name("float" | "int") as kind, [value], []):
                name = ast.copy_location(ast.Name(NUMBER, ast.Load()), node)
                made = ast.Call(name, [kind, value], [])
                return ast.fix_missing_locations(ast.copy_location(made, node))
        return node
