"""Run a graph in as many digits as are asked for: the same gates, by mpmath.

A pointwise gate is its formula from the table, not its NumPy text; a composite is the
gates that it opens into; the rest only moves and adds numbers, and NumPy does that with
mpmath's numbers as well. So what comes out is a second opinion on every value.

>>> from gradtutor.language import parse
>>> plan = precise_plan(parse("x - 1e30 + 1e30"))
>>> with mpmath.workdps(50):
...     float(plan.values({"x": 1.5})[plan.output])
1.5
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

import mpmath
import numpy as np

from gradtutor.calculus.tape import GraphTape
from gradtutor.deferred import sympy
from gradtutor.evaluate.plan import Apply, Plan
from gradtutor.evaluate.precise_matrices import MATRIX_GATES, SINGULAR_GATES
from gradtutor.evaluate.values import compiled
from gradtutor.gates import COPY, GATES, Call, Pointwise, Structural
from gradtutor.graph import (
    Graph,
    add_input,
    arguments,
    new_graph,
    node_data,
    node_shape,
)

#: Exponents beyond which exp is infinity or 0: far outside float64, not of memory.
LARGEST_EXPONENT = 1e6


def precise_plan(
    graph: Graph, targets: Iterable[str] | None = None, *, decimals: bool = False
) -> Plan:
    """Make a plan whose numbers have the digits of ``mpmath.workdps``.

    Parameters
    ----------
    decimals : bool
        Whether 0.1 is the decimal that writes it, and not the float64 number nearest.
    """
    return Plan(graph, targets, _gate, _decimal if decimals else precise)


def _decimal(value: Any) -> Any:
    """Return numbers as the shortest decimals that write them."""
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 0:
        return mpmath.mpf(repr(array.item()))
    return _each(lambda one: mpmath.mpf(repr(float(one))))(array)


def precise(value: Any) -> Any:
    """Return a number, or an array of numbers, as mpmath's: float64 exactly."""
    if isinstance(value, mpmath.mpf):
        return value
    array = np.asarray(value)
    if array.ndim == 0:
        item = array.item()
        return item if isinstance(item, mpmath.mpf) else mpmath.mpf(float(item))
    return _each(precise)(array)


def _each(function: Callable[..., Any], count: int = 1) -> Callable[..., Any]:
    many: Callable[..., Any] = np.frompyfunc(function, count, 1)
    return many


def _gate(graph: Graph, node: str) -> Apply:
    data = node_data(graph, node)
    if data["gate"] == COPY:
        return lambda a: a
    gate = GATES[data["gate"]]
    if isinstance(gate, Pointwise):
        return _pointwise(gate.name)
    if gate.name in MATRIX_GATES:
        return MATRIX_GATES[gate.name]
    attrs = tuple(data["attrs"].items())
    if gate.name in SINGULAR_GATES:
        return partial(SINGULAR_GATES[gate.name], **dict(attrs))
    if gate.opened is None:
        return _structural(gate.name, attrs)
    shapes = tuple(node_shape(graph, arg) for arg in arguments(graph, node))
    return _opened(gate.name, attrs, shapes)


# ---- pointwise gates: the table's formulas ----


@cache
def _pointwise(name: str) -> Apply:
    """Return a gate's formula for numbers and, element by element, for tensors."""
    one = pointwise_number(name)
    many = _each(one, GATES[name].arity[1])

    def apply(*args: Any) -> Any:
        if any(isinstance(arg, np.ndarray) for arg in args):
            return many(*args)
        return one(*args)

    return apply


@cache
def pointwise_number(name: str) -> Callable[..., Any]:
    """Return a pointwise gate as a function of mpmath's numbers.

    Where the reals have no value it answers nan, and at a pole infinity, as IEEE 754.
    """
    from gradtutor.gates.symbols import ARGUMENTS

    gate = GATES[name]
    assert isinstance(gate, Pointwise)
    count = gate.arity[1]
    formula = sympy.lambdify(ARGUMENTS[:count], gate.formula, [GUARDED, "mpmath"])
    function = {"div": _divided, "pow": _power}.get(name, formula)

    spreads = isinstance(gate.formula, sympy.Piecewise) and not gate.infix
    spreads &= name != "where"  # max, relu: nan is never the smaller one

    def number(*args: Any) -> Any:
        if spreads and any(map(mpmath.isnan, args)):
            return mpmath.nan
        try:
            result = function(*args)
        except (ArithmeticError, ValueError):
            return mpmath.nan
        if isinstance(result, mpmath.mpc):
            return result.real if result.imag == 0 else mpmath.nan
        return result if isinstance(result, mpmath.mpf) else mpmath.mpf(result)

    return number


def _exp(x: Any) -> Any:
    if not abs(x) < LARGEST_EXPONENT:
        return mpmath.nan if mpmath.isnan(x) else mpmath.inf if x > 0 else mpmath.mpf(0)
    return mpmath.exp(x)


def _divided(a: Any, b: Any) -> Any:
    if b == 0:
        return mpmath.inf * mpmath.sign(a) if a else mpmath.nan
    return a / b


def _power(a: Any, b: Any) -> Any:
    if a == 0 and b < 0:
        return mpmath.inf
    if a < 0 and not mpmath.isint(b):
        return mpmath.nan
    if a and mpmath.isfinite(a) and mpmath.isfinite(b) and abs(b) > 1:
        with mpmath.workprec(53):
            size = b * mpmath.log(abs(a))
        if abs(size) > LARGEST_EXPONENT:
            return mpmath.inf if size > 0 else mpmath.mpf(0)
    return a**b


def _within(function: Callable[..., Any], low: float, high: float) -> Apply:
    """Return a function that is nan beyond its real domain, not a complex number."""
    return lambda x: function(x) if low <= x <= high else mpmath.nan


#: What formulas call in the place of mpmath's own, which would fill the memory, or take
#: its time for complex numbers.
GUARDED = {
    "exp": _exp,
    "log": _within(mpmath.log, 0, mpmath.inf),
    "sqrt": _within(mpmath.sqrt, 0, mpmath.inf),
    "asin": _within(mpmath.asin, -1, 1),
    "acos": _within(mpmath.acos, -1, 1),
    "sinh": lambda x: (_exp(x) - _exp(-x)) / 2,
    "cosh": lambda x: (_exp(x) + _exp(-x)) / 2,
}


# ---- structural gates ----


@cache
def _structural(name: str, attrs: tuple[tuple[str, Any], ...]) -> Apply:
    """Return a gate that moves and adds numbers, by its NumPy text."""
    text = compiled(name, attrs)

    def apply(*args: Any) -> Any:
        return _numbers(text(*[np.asarray(arg, dtype=object) for arg in args]))

    return apply


def _numbers(result: Any) -> Any:
    """Return a result of NumPy's: a number alone, or an array of mpmath's numbers."""
    array = np.asarray(result)
    if array.dtype != object:  # a mask, labels as rows, a count
        return precise(array.astype(np.float64))
    return array.item() if array.ndim == 0 else array


@cache
def _opened(name: str, attrs: tuple[tuple[str, Any], ...], shapes: Any) -> Apply:
    """Return a composite as the gates that it opens into."""
    gate, graph = GATES[name], new_graph("")
    assert isinstance(gate, Structural)
    assert gate.opened is not None
    names = "abcd"[: len(shapes)]
    args = tuple(
        add_input(graph, letter, shape)
        for letter, shape in zip(names, shapes, strict=True)
    )
    graph.graph["output"] = gate.opened(GraphTape(graph), Call(args, "", dict(attrs)))
    plan = precise_plan(graph)

    def apply(*given: Any) -> Any:
        return plan.values(dict(zip(names, given, strict=True)))[plan.output]

    return apply
