"""The table of pointwise gates: each declares its formula and its picture, no more.

Sources: the partials are sympy's. PyTorch's choices at kinks are those of its
``derivatives.yaml``; the indicator convention is CS231n's (``1(x >= y)``).
"""

from __future__ import annotations

import sympy
from sympy import Eq, Ne, Piecewise, Rational

from gradtutor.gates.gate import OUT, A, B, C, Kink, Pointwise
from gradtutor.messages import mark

HALF = Rational(1, 2)


def _sigmoid(x: sympy.Expr) -> sympy.Expr:
    """Write the closed sigmoid gate inside another gate's stable partial."""
    return sympy.Function("sigmoid")(x)


def _compare(name: str, relation: sympy.Basic, operator: str) -> Pointwise:
    """Return a comparison: 1.0 where it holds and 0.0 elsewhere; no gradient passes."""
    return Pointwise(
        name,
        Piecewise((1, relation), (0, True)),
        operator,
        infix=operator,
        role="decides; passes no gradient",
    )


def _choose(name: str, keep: sympy.Basic, sign: str) -> Pointwise:
    """Return the larger or the smaller of two values."""
    return Pointwise(
        name,
        Piecewise((A, keep), (B, True)),
        sign,
        numpy=f"np.{name}imum(a, b)",
        kink=Kink(Eq(A, B), torch=(HALF, HALF), left=(1, 0), right=(0, 1), both=(1, 1)),
        role="routes the gradient to the winner",
    )


ARITHMETIC = (
    Pointwise("add", A + B, "+", infix="+", role="distributes the gradient"),
    Pointwise("sub", A - B, "−", infix="-", role="distributes, second one negated"),
    Pointwise(
        "mul", A * B, "×", infix="*", role="swaps: gradient times the other input"
    ),
    Pointwise(
        "div",
        A / B,
        "÷",
        infix="/",
        via_output={1: -OUT / B},
        domain=mark("division by zero"),
        role="a/b: a gets gradient/b, b gets −gradient·a/b²",
    ),
    Pointwise(
        "pow",
        A**B,
        "^",
        infix="**",
        # A**B*B/A, as sympy has it, is 0/0 at A = 0.
        via_output={
            0: Piecewise((0, Eq(B, 0)), (B * A ** (B - 1), True)),
            1: OUT * sympy.log(Piecewise((1, Eq(A, 0)), (A, True))),
        },
        domain=mark("a negative base needs a whole exponent, and 0 a positive one"),
    ),
    # As ×, but a gradient of 0, which a gate routed to nobody, stays 0 beside a slope
    # that is infinite.
    Pointwise(
        "routed",
        A * B,
        "×",
        numpy="np.where(a != 0, a * b, 0)",
        role="0 where the first is 0, whatever the second; else ×",
    ),
    Pointwise("neg", -A, "×−1", prefix="-", role="negates the gradient"),
)

# 1 - a² as a product, which keeps the digits that the difference loses near a = ±1.
COSINE_SQUARED = (1 - A) * (1 + A)

ELEMENTARY = (
    Pointwise(
        "exp",
        sympy.exp(A),
        "exp",
        via_output={0: OUT},
        domain=mark("exp overflows above 709.78"),
    ),
    Pointwise(
        "log",
        sympy.log(A),
        "log",
        domain=mark("log needs a positive number"),
        aliases=("ln",),
    ),
    Pointwise(
        "sqrt",
        sympy.sqrt(A),
        "√",
        numpy="np.sqrt(a)",
        via_output={0: 1 / (2 * OUT)},
        domain=mark("sqrt needs a number that is not negative"),
    ),
    Pointwise("sin", sympy.sin(A), "sin"),
    Pointwise("cos", sympy.cos(A), "cos"),
    Pointwise("tan", sympy.tan(A), "tan", via_output={0: 1 + OUT**2}),
    Pointwise(
        "asin",
        sympy.asin(A),
        "asin",
        numpy="np.arcsin(a)",
        via_output={0: 1 / sympy.sqrt(COSINE_SQUARED)},
        domain=mark("asin needs a number from -1 to 1"),
        aliases=("arcsin",),
    ),
    Pointwise(
        "acos",
        sympy.acos(A),
        "acos",
        numpy="np.arccos(a)",
        via_output={0: -1 / sympy.sqrt(COSINE_SQUARED)},
        domain=mark("acos needs a number from -1 to 1"),
        aliases=("arccos",),
    ),
    Pointwise(
        "atan",
        sympy.atan(A),
        "atan",
        numpy="np.arctan(a)",
        aliases=("arctan",),
    ),
    Pointwise(
        "atan2",
        sympy.atan2(A, B),
        "atan2",
        numpy="np.arctan2(a, b)",
        via_output={0: B / (A**2 + B**2), 1: -A / (A**2 + B**2)},
        role="turns: a gets b/r², b gets −a/r²",
    ),
    Pointwise(
        "sinh", sympy.sinh(A), "sinh", domain=mark("sinh overflows beyond 710.47")
    ),
    Pointwise(
        "cosh", sympy.cosh(A), "cosh", domain=mark("cosh overflows beyond 710.47")
    ),
    # (1 - out)(1 + out) keeps the digits that 1 - out² loses where out is near 1.
    Pointwise("tanh", sympy.tanh(A), "tanh", via_output={0: (1 - OUT) * (1 + OUT)}),
    Pointwise("erf", sympy.erf(A), "erf", numpy="erf(a)"),
    Pointwise(
        "log1p",
        sympy.log(1 + A),
        "log1p",
        numpy="np.log1p(a)",
        domain=mark("log1p needs a number above -1"),
        via_output={0: 1 / (1 + A)},
    ),
    Pointwise(
        "expm1",
        sympy.exp(A) - 1,
        "expm1",
        numpy="np.expm1(a)",
        domain=mark("expm1 overflows above 709.78"),
    ),
)

ACTIVATIONS = (
    Pointwise(
        "sigmoid",
        1 / (1 + sympy.exp(-A)),
        "σ",
        via_output={0: OUT * (1 - OUT)},
        aliases=("logistic", "σ", "expit"),
    ),
    Pointwise(
        "relu",
        Piecewise((A, A > 0), (0, True)),
        "relu",
        numpy="np.maximum(a, 0)",
        kink=Kink(Eq(A, 0), torch=(0,), left=(0,), right=(1,), both=(1,)),
        role="passes the gradient where the input is positive",
        aliases=("ReLU",),
    ),
    Pointwise(
        "leaky_relu",
        Piecewise((A, A > 0), (B * A, True)),
        "leaky",
        kink=Kink(Eq(A, 0), torch=(B, A), left=(B, A), right=(1, 0), both=(1, 0)),
        defaults=(0.01,),
        role="passes the gradient, scaled by the slope on the negative side",
    ),
    Pointwise(
        "softplus",
        sympy.log(1 + sympy.exp(A)),
        "softplus",
        numpy="np.logaddexp(0, a)",
        via_output={0: _sigmoid(A)},
    ),
    Pointwise(
        "swish",
        A / (1 + sympy.exp(-A)),
        "swish",
        via_output={0: _sigmoid(A) * (1 + A * (1 - _sigmoid(A)))},
        aliases=("silu",),
    ),
    Pointwise("gelu", A * (1 + sympy.erf(A / sympy.sqrt(2))) / 2, "gelu"),
)

_ROUNDED, _HALVED = sympy.floor(A + HALF), (A + HALF) / 2

CHOICES = (
    Pointwise(
        "abs",
        sympy.Abs(A),
        "|x|",
        numpy="np.abs(a)",
        kink=Kink(Eq(A, 0), torch=(0,), left=(-1,), right=(1,), both=(0,)),
        role="passes the gradient with the input's sign",
    ),
    Pointwise(
        "sign",
        sympy.sign(A),
        "sign",
        via_output={0: sympy.S.Zero},
        role="flat; passes no gradient",
    ),
    Pointwise(
        "floor",
        sympy.floor(A),
        "⌊x⌋",
        via_output={0: sympy.S.Zero},
        role="flat between its steps; passes no gradient",
    ),
    Pointwise(
        "round",
        # to the nearest, and of two as near to the even one, as NumPy does
        _ROUNDED - Piecewise((1, Eq(_HALVED - sympy.floor(_HALVED), HALF)), (0, True)),
        "round",
        numpy="np.round(a)",
        via_output={0: sympy.S.Zero},
        role="flat between its steps; passes no gradient",
    ),
    _choose("max", A > B, "max"),
    _choose("min", A < B, "min"),
    Pointwise(
        "where",
        Piecewise((B, Ne(A, 0)), (C, True)),
        "where",
        numpy="np.where(a, b, c)",
        role="routes the gradient to the chosen branch",
    ),
)

COMPARISONS = (
    _compare("greater", A > B, ">"),
    _compare("greater_equal", A >= B, ">="),
    _compare("less", A < B, "<"),
    _compare("less_equal", A <= B, "<="),
    _compare("equal", Eq(A, B), "=="),
    _compare("not_equal", Ne(A, B), "!="),
)

POINTWISE = (*ARITHMETIC, *ELEMENTARY, *ACTIVATIONS, *CHOICES, *COMPARISONS)
