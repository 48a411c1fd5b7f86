"""Pointwise gates as ONNX operators."""

from __future__ import annotations

import math
from collections.abc import Callable

from gradtutor.exports.onnx.writer import Writer

Write = Callable[..., str]

#: Gates that are one operator of the same arguments.
DIRECT = {
    "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "pow": "Pow",
    "neg": "Neg", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "abs": "Abs",
    "sign": "Sign", "floor": "Floor", "round": "Round", "max": "Max", "min": "Min",
    "sin": "Sin", "cos": "Cos", "tan": "Tan", "asin": "Asin", "acos": "Acos",
    "atan": "Atan", "asinh": "Asinh", "acosh": "Acosh", "atanh": "Atanh",
    "sinh": "Sinh", "cosh": "Cosh", "tanh": "Tanh", "erf": "Erf",
    "sigmoid": "Sigmoid", "relu": "Relu", "softplus": "Softplus",
}  # fmt: skip
COMPARED = {
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "equal": "Equal",
}


def _compared(kind: str) -> Write:
    return lambda to, a, b: to.as_float(to.op(kind, a, b))


def _not_equal(to: Writer, a: str, b: str) -> str:
    return to.as_float(to.op("Not", to.op("Equal", a, b)))


def _where(to: Writer, condition: str, a: str, b: str) -> str:
    return to.op("Where", to.holds(condition), a, b)


def _routed(to: Writer, a: str, b: str) -> str:
    return to.op("Where", to.holds(a), to.op("Mul", a, b), to.number(0.0))


def _leaky_relu(to: Writer, a: str, slope: str) -> str:
    positive = to.op("Greater", a, to.number(0.0))
    return to.op("Where", positive, a, to.op("Mul", a, slope))


def _swish(to: Writer, a: str) -> str:
    return to.op("Mul", a, to.op("Sigmoid", a))


def _gelu(to: Writer, a: str) -> str:
    """Append a (1 + erf(a/√2))/2 (Hendrycks and Gimpel 2016)."""
    raised = to.op("Erf", to.op("Mul", a, to.number(1 / math.sqrt(2))))
    half = to.op("Mul", a, to.number(0.5))
    return to.op("Mul", half, to.op("Add", raised, to.number(1.0)))


def _log1p(to: Writer, a: str) -> str:
    """Append log(1 + a), as a log(u)/(u - 1) with u = 1 + a: Kahan's, exact near 0."""
    one = to.number(1.0)
    u = to.op("Add", a, one)
    less = to.op("Sub", u, one)
    same = to.op("Equal", less, to.number(0.0))
    safe = to.op("Where", same, one, less)
    scaled = to.op("Div", to.op("Mul", a, to.op("Log", u)), safe)
    return to.op("Where", same, a, scaled)


def _expm1(to: Writer, a: str) -> str:
    """Append exp(a) - 1 = 2 sinh(a/2) exp(a/2), which loses no digits near 0."""
    half = to.op("Mul", a, to.number(0.5))
    twice = to.op("Mul", to.op("Sinh", half), to.number(2.0))
    return to.op("Mul", twice, to.op("Exp", half))


#: What writes each pointwise gate.
POINTWISE: dict[str, Write] = {
    **{
        gate: (lambda to, *args, kind=kind: to.op(kind, *args))
        for gate, kind in DIRECT.items()
    },
    **{gate: _compared(kind) for gate, kind in COMPARED.items()},
    "not_equal": _not_equal,
    "where": _where,
    "routed": _routed,
    "leaky_relu": _leaky_relu,
    "swish": _swish,
    "gelu": _gelu,
    "log1p": _log1p,
    "expm1": _expm1,
}
