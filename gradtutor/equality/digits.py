"""Expressions at one point with fifty digits, and which branch each kink takes there.

>>> from gradtutor.language import parse_formula
>>> value, taken = at_point(parse_formula("abs(x) + 1/3"), {"x": -2.0})
>>> mpmath.nstr(value, 20), taken
('2.3333333333333333333', (1,))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import mpmath
import sympy

from gradtutor.gates import COPY, GATES, Pointwise
from gradtutor.gates.symbols import ARGUMENTS
from gradtutor.graph import Graph, arguments, node_data, topological_order
from gradtutor.language.formula.constants import CONSTANTS

DIGITS = 50
MAX_BITS = 10_000  # of a value's exponent: about 10 to the 3,000

Pieces = tuple[tuple[sympy.Expr, sympy.Basic], ...]


@cache
def pieces(gate: str) -> Pieces:
    """Return the smooth pieces of a gate with a kink, each with its condition."""
    entry = GATES[gate]
    if not isinstance(entry, Pointwise):
        return ()
    formula, a = entry.formula, ARGUMENTS[0]
    if isinstance(formula, sympy.Piecewise):
        return tuple((piece, condition) for piece, condition in formula.args)
    if isinstance(formula, sympy.Abs):
        return ((a, a >= 0), (-a, sympy.true))
    if isinstance(formula, sympy.sign):
        one = sympy.Integer(1)
        return ((one, a > 0), (-one, a < 0), (sympy.S.Zero, sympy.true))
    return ()


@cache
def _value_function(gate: str) -> Callable[..., Any]:
    """Compile a gate's formula, which is ours, for mpmath."""
    entry = GATES[gate]
    if not isinstance(entry, Pointwise):
        raise TypeError(f"{gate} is no pointwise gate")
    count = entry.arity[1]
    function: Callable[..., Any] = sympy.lambdify(
        ARGUMENTS[:count], entry.formula, "mpmath"
    )
    return function


@cache
def _branch_function(gate: str) -> Callable[..., Any]:
    """Compile the number of the piece that holds at a point."""
    entry = GATES[gate]
    numbered = [(n, condition) for n, (_, condition) in enumerate(pieces(gate))]
    chosen = sympy.Piecewise(*numbered, evaluate=False)
    function: Callable[..., Any] = sympy.lambdify(
        ARGUMENTS[: entry.arity[1]], chosen, "mpmath"
    )
    return function


def at_point(graph: Graph, point: Mapping[str, float]) -> tuple[Any, tuple[int, ...]]:
    """Evaluate a graph of pointwise gates at one point with fifty digits.

    Returns
    -------
    value : mpmath.mpf or None
        None where it is not a finite real number.
    taken : tuple of int
        The piece that each kink takes, in the order of the gates.
    """
    values: dict[str, Any] = {}
    taken: list[int] = []
    with mpmath.workdps(DIGITS):
        for node in topological_order(graph, [graph.graph["output"]]):
            data = node_data(graph, node)
            gate = data["gate"]
            args = [values[arg] for arg in arguments(graph, node)]
            try:
                values[node] = _apply(data, gate, args, node, point)
                if gate in GATES and pieces(gate):
                    taken.append(int(_branch_function(gate)(*args)))
            except (ArithmeticError, ValueError, TypeError):
                return None, ()
            if not _is_real(values[node]):
                return None, ()
    return values[graph.graph["output"]], tuple(taken)


def _apply(
    data: Mapping[str, Any], gate: str, args: list[Any], node: str, point: Any
) -> Any:
    if gate == "input":
        value = point[node] if node in point else data["value"]
        return mpmath.mpf(float(value))
    if gate == "number":
        return _number(data["value"], data["text"])
    return args[0] if gate == COPY else mpmath.mpmathify(_value_function(gate)(*args))


def _number(value: float, text: str) -> Any:
    """Read a number as the decimal it is written as: 0.1 is a tenth."""
    if CONSTANTS.get(text) == math.pi:
        return +mpmath.pi
    try:
        return mpmath.mpf(text)
    except ValueError:
        return mpmath.mpf(value)


def _is_real(value: Any) -> bool:
    """Whether a value is a real number of a size that can be reckoned with.

    exp(exp(1e9)) would take all of the machine's memory for its exponent.
    """
    if isinstance(value, mpmath.mpc) or not mpmath.isfinite(value):
        return False
    return bool(value == 0 or mpmath.mag(value) <= MAX_BITS)
