"""The symbols of a gate's formula: its arguments, in order, output and gradient."""

from __future__ import annotations

import sympy

ARGUMENTS = A, B, C = sympy.symbols("a b c", real=True)
OUT = sympy.Symbol("out", real=True)
#: The gradient that arrives from above, inside the expression of a gradient.
UPSTREAM = sympy.Symbol("u", real=True)
#: The gate that chooses, as sympy carries it.
WHERE = sympy.Function("where")
