"""The elementary functions as gates: exponentials, logarithms, roots, angles."""

from __future__ import annotations

from gradtutor.deferred import sympy
from gradtutor.gates.gate import Pointwise
from gradtutor.messages import mark


def _cosine(a: sympy.Expr) -> sympy.Expr:
    """√(1 - a²), 1 - a² as a product: it keeps digits that the difference loses."""
    return sympy.sqrt((1 - a) * (1 + a))


ELEMENTARY = (
    Pointwise(
        "exp",
        lambda a: sympy.exp(a),
        "exp",
        stable={0: lambda out: out},
        domain=mark("exp overflows above 709.78"),
    ),
    Pointwise(
        "log",
        lambda a: sympy.log(a),
        "log",
        domain=mark("log needs a positive number"),
        aliases=("ln",),
    ),
    Pointwise(
        "sqrt",
        lambda a: sympy.sqrt(a),
        "√",
        numpy="np.sqrt(a)",
        stable={0: lambda out: 1 / (2 * out)},
        domain=mark("sqrt needs a number that is not negative"),
    ),
    Pointwise("sin", lambda a: sympy.sin(a), "sin"),
    Pointwise("cos", lambda a: sympy.cos(a), "cos"),
    Pointwise("tan", lambda a: sympy.tan(a), "tan", stable={0: lambda out: 1 + out**2}),
    Pointwise(
        "asin",
        lambda a: sympy.asin(a),
        "asin",
        numpy="np.arcsin(a)",
        stable={0: lambda a: 1 / _cosine(a)},
        domain=mark("asin needs a number from -1 to 1"),
        aliases=("arcsin",),
    ),
    Pointwise(
        "acos",
        lambda a: sympy.acos(a),
        "acos",
        numpy="np.arccos(a)",
        stable={0: lambda a: -1 / _cosine(a)},
        domain=mark("acos needs a number from -1 to 1"),
        aliases=("arccos",),
    ),
    Pointwise(
        "atan",
        lambda a: sympy.atan(a),
        "atan",
        numpy="np.arctan(a)",
        aliases=("arctan",),
    ),
    Pointwise(
        "atan2",
        lambda a, b: sympy.atan2(a, b),
        "atan2",
        numpy="np.arctan2(a, b)",
        stable={
            0: lambda a, b: b / (a**2 + b**2),
            1: lambda a, b: -a / (a**2 + b**2),
        },
        role="turns: a gets b/r², b gets −a/r²",
    ),
    Pointwise(
        "sinh",
        lambda a: sympy.sinh(a),
        "sinh",
        domain=mark("sinh overflows beyond 710.47"),
    ),
    Pointwise(
        "cosh",
        lambda a: sympy.cosh(a),
        "cosh",
        domain=mark("cosh overflows beyond 710.47"),
    ),
    Pointwise(
        "asinh",
        lambda a: sympy.asinh(a),
        "asinh",
        numpy="np.arcsinh(a)",
    ),
    Pointwise(
        "acosh",
        lambda a: sympy.acosh(a),
        "acosh",
        numpy="np.arccosh(a)",
        stable={0: lambda a: 1 / (sympy.sqrt(a - 1) * sympy.sqrt(a + 1))},
        domain=mark("acosh needs a number from 1 on"),
    ),
    Pointwise(
        "atanh",
        lambda a: sympy.atanh(a),
        "atanh",
        numpy="np.arctanh(a)",
        stable={0: lambda a: 1 / ((1 - a) * (1 + a))},
        domain=mark("atanh needs a number between -1 and 1"),
    ),
    # (1 - out)(1 + out) keeps the digits that 1 - out² loses where out is near 1.
    Pointwise(
        "tanh",
        lambda a: sympy.tanh(a),
        "tanh",
        stable={0: lambda out: (1 - out) * (1 + out)},
    ),
    Pointwise("erf", lambda a: sympy.erf(a), "erf", numpy="erf(a)"),
    Pointwise(
        "log1p",
        lambda a: sympy.log(1 + a),
        "log1p",
        numpy="np.log1p(a)",
        domain=mark("log1p needs a number above -1"),
        stable={0: lambda a: 1 / (1 + a)},
    ),
    Pointwise(
        "expm1",
        lambda a: sympy.exp(a) - 1,
        "expm1",
        numpy="np.expm1(a)",
        domain=mark("expm1 overflows above 709.78"),
    ),
)
