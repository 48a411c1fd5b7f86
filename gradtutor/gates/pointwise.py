"""The table of pointwise gates: each declares its formula and its picture, no more.

Sources: the partials are sympy's. PyTorch's choices at kinks are those of its
``derivatives.yaml``; the indicator convention is CS231n's (``1(x >= y)``).
"""

from __future__ import annotations

from typing import Any

from gradtutor.deferred import sympy
from gradtutor.gates.elementary import ELEMENTARY
from gradtutor.gates.gate import Formula, Kink, Pointwise
from gradtutor.messages import mark


def _half() -> sympy.Expr:
    return sympy.Rational(1, 2)


def _zero() -> sympy.Expr:
    return sympy.S.Zero


def _cases(*branches: tuple[Any, Any]) -> sympy.Expr:
    return sympy.Piecewise(*branches)


def _sigmoid(x: sympy.Expr) -> sympy.Expr:
    """Write the closed sigmoid gate inside another gate's stable partial."""
    return sympy.Function("sigmoid")(x)


def _same(a: sympy.Expr, b: sympy.Expr) -> sympy.Basic:
    return sympy.Eq(a, b)


def _at_zero(a: sympy.Expr) -> sympy.Basic:
    return sympy.Eq(a, 0)


def _compare(name: str, relation: Formula, operator: str) -> Pointwise:
    """Return a comparison: 1.0 where it holds and 0.0 elsewhere; no gradient passes."""
    return Pointwise(
        name,
        lambda a, b: _cases((1, relation(a, b)), (0, True)),
        operator,
        infix=operator,
        role="decides; passes no gradient",
    )


def _choose(name: str, keep: Formula, sign: str) -> Pointwise:
    """Return the larger or the smaller of two values."""
    return Pointwise(
        name,
        lambda a, b: _cases((a, keep(a, b)), (b, True)),
        sign,
        numpy=f"np.{name}imum(a, b)",
        kink=Kink(_same, torch=(_half, _half), left=(1, 0), right=(0, 1), both=(1, 1)),
        role="routes the gradient to the winner",
    )


ARITHMETIC = (
    Pointwise(
        "add", lambda a, b: a + b, "+", infix="+", role="distributes the gradient"
    ),
    Pointwise(
        "sub",
        lambda a, b: a - b,
        "−",
        infix="-",
        role="distributes, second one negated",
    ),
    Pointwise(
        "mul",
        lambda a, b: a * b,
        "×",
        infix="*",
        role="swaps: gradient times the other input",
    ),
    Pointwise(
        "div",
        lambda a, b: a / b,
        "÷",
        infix="/",
        stable={1: lambda b, out: -out / b},
        domain=mark("division by zero"),
        role="a/b: a gets gradient/b, b gets −gradient·a/b²",
    ),
    Pointwise(
        "pow",
        lambda a, b: a**b,
        "^",
        infix="**",
        # A**B*B/A, as sympy has it, is 0/0 at A = 0.
        stable={
            0: lambda a, b: _cases((0, sympy.Eq(b, 0)), (b * a ** (b - 1), True)),
            1: lambda a, out: out * sympy.log(_cases((1, sympy.Eq(a, 0)), (a, True))),
        },
        domain=mark("a negative base needs a whole exponent, and 0 a positive one"),
    ),
    # As ×, but a gradient of 0, which a gate routed to nobody, stays 0 beside a slope
    # that is infinite.
    Pointwise(
        "routed",
        lambda a, b: a * b,
        "×",
        numpy="np.where(a != 0, a * b, 0)",
        role="0 where the first is 0, whatever the second; else ×",
    ),
    Pointwise("neg", lambda a: -a, "×−1", prefix="-", role="negates the gradient"),
)


_LEAK: tuple[Formula, ...] = (lambda b: b, lambda a: a)

ACTIVATIONS = (
    Pointwise(
        "sigmoid",
        lambda a: 1 / (1 + sympy.exp(-a)),
        "σ",
        stable={0: lambda out: out * (1 - out)},
        aliases=("logistic", "σ", "expit"),
    ),
    Pointwise(
        "relu",
        lambda a: _cases((a, a > 0), (0, True)),
        "relu",
        numpy="np.maximum(a, 0)",
        kink=Kink(_at_zero, torch=(0,), left=(0,), right=(1,), both=(1,)),
        role="passes the gradient where the input is positive",
        aliases=("ReLU",),
    ),
    Pointwise(
        "leaky_relu",
        lambda a, b: _cases((a, a > 0), (b * a, True)),
        "leaky",
        kink=Kink(_at_zero, torch=_LEAK, left=_LEAK, right=(1, 0), both=(1, 0)),
        defaults=(0.01,),
        role="passes the gradient, scaled by the slope on the negative side",
    ),
    Pointwise(
        "softplus",
        lambda a: sympy.log(1 + sympy.exp(a)),
        "softplus",
        numpy="np.logaddexp(0, a)",
        stable={0: lambda a: _sigmoid(a)},
    ),
    Pointwise(
        "swish",
        lambda a: a / (1 + sympy.exp(-a)),
        "swish",
        stable={0: lambda a: _sigmoid(a) * (1 + a * (1 - _sigmoid(a)))},
        aliases=("silu",),
    ),
    Pointwise("gelu", lambda a: a * (1 + sympy.erf(a / sympy.sqrt(2))) / 2, "gelu"),
)


def _round(a: sympy.Expr) -> sympy.Expr:
    """Round to the nearest whole number; of two as near, to the even one, as NumPy."""
    up, half = sympy.floor(a + _half()), (a + _half()) / 2
    return up - _cases((1, sympy.Eq(half - sympy.floor(half), _half())), (0, True))


CHOICES = (
    Pointwise(
        "abs",
        lambda a: sympy.Abs(a),
        "|x|",
        numpy="np.abs(a)",
        kink=Kink(_at_zero, torch=(0,), left=(-1,), right=(1,), both=(0,)),
        role="passes the gradient with the input's sign",
    ),
    Pointwise(
        "sign",
        lambda a: sympy.sign(a),
        "sign",
        stable={0: _zero},
        role="flat; passes no gradient",
    ),
    Pointwise(
        "floor",
        lambda a: sympy.floor(a),
        "⌊x⌋",
        stable={0: _zero},
        role="flat between its steps; passes no gradient",
    ),
    Pointwise(
        "round",
        _round,
        "round",
        numpy="np.round(a)",
        stable={0: _zero},
        role="flat between its steps; passes no gradient",
    ),
    _choose("max", lambda a, b: a > b, "max"),
    _choose("min", lambda a, b: a < b, "min"),
    Pointwise(
        "where",
        lambda a, b, c: _cases((b, sympy.Ne(a, 0)), (c, True)),
        "where",
        numpy="np.where(a, b, c)",
        role="routes the gradient to the chosen branch",
    ),
)

COMPARISONS = (
    _compare("greater", lambda a, b: a > b, ">"),
    _compare("greater_equal", lambda a, b: a >= b, ">="),
    _compare("less", lambda a, b: a < b, "<"),
    _compare("less_equal", lambda a, b: a <= b, "<="),
    _compare("equal", _same, "=="),
    _compare("not_equal", lambda a, b: sympy.Ne(a, b), "!="),
)

POINTWISE = (*ARITHMETIC, *ELEMENTARY, *ACTIVATIONS, *CHOICES, *COMPARISONS)
