"""The partial derivatives of pointwise gates: sympy's, with the stated tie rule."""

from __future__ import annotations

import math
from functools import cache

from gradtutor.deferred import sympy
from gradtutor.gates import GATES, Kink, Pointwise

#: Base and exponent of a power, None where they are no constants.
Power = tuple[float | None, float | None]
UNKNOWN: Power = (None, None)


@cache
def partial(
    gate: str, position: int, ties: str = "torch", power: Power = UNKNOWN
) -> sympy.Expr:
    """Return ∂(gate)/∂(argument) in the symbols a, b, c and out.

    Parameters
    ----------
    gate : str
        Name of a pointwise gate.
    position : int
        Which argument, from 0.
    ties : str
        One of ``gradtutor.gates.TIE_RULES``.
    power : tuple
        Of the gate ``pow``, base and exponent where they are constants, so that (x²)'
        is 2x and (2^x)' is 2^x log 2.

    Examples
    --------
    >>> partial("mul", 0), partial("sigmoid", 0)
    (b, out*(1 - out))
    >>> partial("relu", 0), partial("relu", 0, "right")
    (Piecewise((1, a > 0), (0, True)), Piecewise((1, a >= 0), (0, True)))
    """
    from gradtutor.gates.symbols import ARGUMENTS, OUT

    entry = GATES[gate]
    assert isinstance(entry, Pointwise)
    symbol = ARGUMENTS[position]
    formula = entry.formula
    base, exponent = power
    if exponent is not None and math.isfinite(exponent):
        value = sympy.Integer(exponent) if exponent == int(exponent) else exponent
        return formula.subs(ARGUMENTS[1], value).diff(symbol)
    if base and position == 1:
        return OUT * sympy.log(ARGUMENTS[0])
    derived = entry.via_output.get(position, formula.diff(symbol))
    return _with_tie(derived, entry.kink, position, ties) if entry.kink else derived


def _with_tie(derived: sympy.Expr, kink: Kink, position: int, ties: str) -> sympy.Expr:
    """Say what the partial is at a corner, unless it says so already."""
    answer = kink.answers(ties)[position]
    left, right = kink.at.args
    if sympy.simplify(derived.subs(left, right) - answer.subs(left, right)) == 0:
        return derived
    branches = (
        derived.args if isinstance(derived, sympy.Piecewise) else [(derived, True)]
    )
    told = sympy.Piecewise((answer, kink.at), *branches)
    # sympy joins equal branches by Or: a = 0 or a > 0 is the one comparison a >= 0
    return told.func(*[(value, where.simplify()) for value, where in told.args])


@cache
def upstream_times_partial(
    gate: str, position: int, ties: str, power: Power
) -> sympy.Expr:
    """Return u · ∂(gate)/∂(argument), the u carried into the branches of a choice."""
    from gradtutor.gates.symbols import UPSTREAM

    slope = partial(gate, position, ties, power)
    if isinstance(slope, sympy.Piecewise):
        branches = [(UPSTREAM * value, where) for value, where in slope.args]
        return sympy.Piecewise(*branches)
    return UPSTREAM * slope
